"""The addresses of LanguageTool's API: `/v2/check`, `/v2/languages` and `/v2/words`, and `/metrics`."""

from __future__ import annotations

import asyncio
import hmac
import logging
import math
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import limits
import limits.storage
import limits.strategies
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from lsp_server.documents import DocumentSnapshot
from lsp_server.errors import GrammaredError, InputError
from lsp_server.findings import ErrorKind
from lsp_server.http import annotated
from lsp_server.http.matches import LANGUAGES, answer, category_of, rule_of
from lsp_server.opening import open_checker
from lsp_server.settings.places import user_dictionary
from lsp_server.settings.settings import Kinds
from lsp_server.suppress.entries import add_entry, entries_of, remove_entry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from lsp_server.checker import Checker
    from lsp_server.settings import Settings

_log = logging.getLogger(__name__)

LONGEST_TEXT = 200_000
"""Characters of a text; LanguageTool's own server takes 20,000 to 150,000."""
_LARGEST_BODY = 8 * LONGEST_TEXT
"""Bytes of a request: each character may take several, and be escaped."""
DEADLINE = 60.0
"""Seconds that a check may take."""
MOST_WAITING = 64
"""Requests under way; who comes then is told to come again."""


class RateLimit:
    """How many requests each client may send, counted in a window that moves."""

    def __init__(self, limit: str) -> None:
        """Take a limit such as `100/second`.

        Raises:
            ValueError: it is none.
        """
        self._limit = limits.parse(limit)
        self._strategy = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())

    def retry_after(self, client: str) -> int:
        """Count a request; the seconds after which the client may come again, or 0 if it may come now."""
        if self._strategy.hit(self._limit, client):
            return 0
        reset = self._strategy.get_window_stats(self._limit, client).reset_time
        return max(1, math.ceil(reset - time.time()))


class Refused(Exception):  # noqa: N818  (not all are errors of ours)
    """A request that is not answered, with LanguageTool's status and a line for people."""

    def __init__(self, status: int, why: str, retry_after: int = 1) -> None:
        super().__init__(why)
        self.status = status
        self.retry_after = retry_after
        """Seconds after which to come again, where the status says so."""


@dataclass
class Service:
    """What answers requests, and what it counts."""

    settings: Settings
    token: str | None = None
    """What clients must bring; None lets everybody in."""
    rate_limit: RateLimit | None = None
    checker: Checker | None = None
    waiting: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    async def check(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer to `/v2/check`.

        Raises:
            Refused: something is wrong with the request, or it takes too long.
        """
        text = _text(form)
        code = _language(form.get("language", ""), form.get("preferredVariants", ""))
        settings = replace(
            self.settings,
            dialect=LANGUAGES[code][1],
            kinds=Kinds((*self.settings.kinds, *_switched_off(form))),
            strictness="high" if form.get("level") == "picky" else self.settings.strictness,
        )
        assert self.checker is not None
        document = DocumentSnapshot("grammared:request", text.text, "plaintext")
        try:
            result = await asyncio.wait_for(self.checker.check(document, settings=settings), DEADLINE)
        except asyncio.TimeoutError:
            raise Refused(
                503, f"the check took more than {DEADLINE:g} seconds; send a shorter text"
            ) from None
        if result.failure:
            raise Refused(503, str(result.failure))
        self.counts.update(characters=len(text.text), findings=len(result.findings))
        return answer(text, result.findings, code)


def app_of(
    settings: Settings,
    token: str | None = None,
    origins: tuple[str, ...] = (),
    rate_limit: RateLimit | None = None,
) -> Starlette:
    """The application, for any ASGI server.

    Args:
        settings: of all checks; clients choose dialect and kinds.
        token: what clients must bring, as `Authorization: Bearer …` or the parameter `apiKey`.
        origins: of web pages that may use it, such as `https://example.org`, or `*`; none by default.
        rate_limit: of each address; None is none.
    """
    service = Service(settings, token, rate_limit)

    @asynccontextmanager
    async def open_and_close(_: Starlette) -> AsyncIterator[None]:
        service.checker = await open_checker(settings, lambda line, _: _log.warning("%s", line))
        yield
        await service.checker.close()

    async def check(request: Request) -> Response:
        return await _answered(service, request, service.check)

    async def words(request: Request) -> Response:
        async def listed(form: Mapping[str, str]) -> dict[str, Any]:
            first, most = _count(form, "offset", 0), _count(form, "limit", 10)
            return {"words": sorted(entries_of(user_dictionary()))[first : first + most]}

        return await _answered(service, request, listed)

    async def add(request: Request) -> Response:
        async def added(form: Mapping[str, str]) -> dict[str, Any]:
            change = await asyncio.to_thread(add_entry, user_dictionary(), _word(form))
            return {"added": not change.is_empty}

        return await _answered(service, request, added)

    async def delete(request: Request) -> Response:
        async def deleted(form: Mapping[str, str]) -> dict[str, Any]:
            change = await asyncio.to_thread(remove_entry, user_dictionary(), _word(form))
            return {"deleted": not change.is_empty}

        return await _answered(service, request, deleted)

    return Starlette(
        lifespan=open_and_close,
        routes=[
            Route("/v2/check", check, methods=["GET", "POST"]),
            Route("/v2/languages", _languages),
            Route("/v2/words", words),
            Route("/v2/words/add", add, methods=["POST"]),
            Route("/v2/words/delete", delete, methods=["POST"]),
            Route("/v2/maxtextlength", lambda _: PlainTextResponse(str(LONGEST_TEXT))),
            Route("/metrics", lambda _: PlainTextResponse(_metrics(service))),
        ],
        middleware=[Middleware(CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"])]
        if origins
        else [],
    )


async def _answered(
    service: Service, request: Request, answer_to: Callable[[Mapping[str, str]], Awaitable[dict[str, Any]]]
) -> Response:
    """What comes of a request: JSON, or a line of text that says why not, as LanguageTool does."""
    service.waiting += 1
    try:
        if service.waiting > MOST_WAITING:
            raise Refused(503, "too many requests are waiting; come again in a second")
        if service.rate_limit and (seconds := service.rate_limit.retry_after(_address(request))):
            raise Refused(429, f"too many requests; come again in {seconds} s", seconds)
        form = await _form(request)
        _let_in(service.token, request, form)
        response: Response = JSONResponse(await answer_to(form))
        service.counts["answered"] += 1
    except (Refused, GrammaredError) as error:
        status = error.status if isinstance(error, Refused) else 400
        later = isinstance(error, Refused) and status in (429, 503) and error.retry_after
        headers = {"Retry-After": str(later)} if later else None
        response = PlainTextResponse(f"Error: {error}", status, headers)
        service.counts["refused"] += 1
    finally:
        service.waiting -= 1
    return response


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _form(request: Request) -> dict[str, str]:
    """The parameters, of the address and of the body; the last of several counts.

    Raises:
        Refused: the body is too large, or no form.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY:
            raise Refused(413, f"the text is longer than {LONGEST_TEXT:,} characters")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError:
        raise Refused(400, "the body must be a form, application/x-www-form-urlencoded, in UTF-8") from None
    return {**dict(request.query_params), **dict(pairs)}


def _let_in(token: str | None, request: Request, form: Mapping[str, str]) -> None:
    if token is None:
        return
    said = request.headers.get("authorization", "").removeprefix("Bearer ").strip() or form.get("apiKey", "")
    if not hmac.compare_digest(said.encode(), token.encode()):
        raise Refused(403, "the token is missing or wrong: Authorization: Bearer …, or the parameter apiKey")


def _text(form: Mapping[str, str]) -> annotated.Annotated:
    if ("text" in form) == ("data" in form):
        raise Refused(400, "give one of the parameters text and data")
    try:
        text = annotated.plain(form["text"]) if "text" in form else annotated.read(form["data"])
    except InputError as error:
        raise Refused(400, str(error)) from None
    if len(text.text) > LONGEST_TEXT:
        raise Refused(413, f"the text is longer than {LONGEST_TEXT:,} characters")
    return text


def _language(code: str, variants: str) -> str:
    """The language that is asked for; of `auto` the preferred variant."""
    if not code:
        raise Refused(400, "the parameter language is missing, such as en-US or auto")
    if code == "auto":
        preferred = [one.strip() for one in variants.split(",") if one.strip() in LANGUAGES]
        return preferred[0] if preferred else "en"
    known = {one.lower(): one for one in LANGUAGES}
    if code.lower() not in known:
        raise Refused(
            400, f"'{code}' is not a language code known to Grammared; known are {', '.join(LANGUAGES)}"
        )
    return known[code.lower()]


def _switched_off(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """The kinds that a request does not want, by rules and categories."""

    def named(parameter: str) -> set[str]:
        return {one.strip() for one in form.get(parameter, "").split(",") if one.strip()}

    only = form.get("enabledOnly", "").lower() in ("true", "yes")
    rules, categories = named("enabledRules"), named("enabledCategories")
    if only and not rules and not categories:
        raise Refused(400, "enabledOnly needs enabledRules or enabledCategories")
    off = []
    for kind in ErrorKind:
        rule, category = rule_of(kind), category_of(kind)
        wanted = rule in rules or category in categories
        unwanted = rule in named("disabledRules") or category in named("disabledCategories")
        if (only and not wanted) or (unwanted and not wanted):
            off.append((kind.code, "off"))
    return off


def _count(form: Mapping[str, str], parameter: str, default: int) -> int:
    said = form.get(parameter, str(default))
    if not said.isdecimal():
        raise Refused(400, f"the parameter {parameter} must be a number, 0 or more, not {said!r}")
    return int(said)


def _word(form: Mapping[str, str]) -> str:
    word = form.get("word", "").strip()
    if not word:
        raise Refused(400, "the parameter word is missing")
    return word


def _languages(_: Request) -> Response:
    return JSONResponse(
        [{"name": name, "code": code[:2], "longCode": code} for code, (name, _dialect) in LANGUAGES.items()]
    )


def _metrics(service: Service) -> str:
    """What was done so far, as Prometheus reads it."""
    counters = {
        "requests_answered": ("answered", "Requests that were answered."),
        "requests_refused": ("refused", "Requests that were not."),
        "characters": ("characters", "Characters that were checked."),
        "findings": ("findings", "Findings that were reported."),
    }
    lines = []
    for name, (key, help_text) in counters.items():
        full = f"grammared_http_{name}_total"
        lines += [f"# HELP {full} {help_text}", f"# TYPE {full} counter", f"{full} {service.counts[key]}"]
    lines += [
        "# TYPE grammared_http_requests_waiting gauge",
        f"grammared_http_requests_waiting {service.waiting}",
    ]
    return "\n".join(lines) + "\n"
