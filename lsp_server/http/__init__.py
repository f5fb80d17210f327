"""LanguageTool's HTTP API over the checker, for its many clients; `docs/http.md` tells which.

Needs the extra `http` (Starlette and Uvicorn). `annotated` reads texts with markup, `matches` writes findings
as LanguageTool does, `app` has the addresses, `server` runs it.
"""
