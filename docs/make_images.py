"""Makes `images/lint.svg` from a real run: `python docs/make_images.py`."""

import asyncio
import io
import re
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lsp_server.checker import CheckResult
from lsp_server.cli.reporters.report import FileReport
from lsp_server.cli.reporters.text import report_text
from lsp_server.documents import DocumentSnapshot
from lsp_server.opening import open_checker
from lsp_server.settings import Settings

DOCS = Path(__file__).parent
SHOWN = 7
LINES_OF_A_FINDING = 4


async def check(document: DocumentSnapshot) -> CheckResult:
    """What the bundled model finds."""
    checker = await open_checker(Settings(), lambda *_: None)
    try:
        return await checker.check(document)
    finally:
        await checker.engine.close()


def main() -> None:
    """Run, record, save."""
    example = DOCS / "example.md"
    document = DocumentSnapshot(example.as_uri(), example.read_text(encoding="utf-8"), "markdown")
    result = asyncio.run(check(document))
    console = Console(record=True, width=132, file=io.StringIO(), force_terminal=True, highlight=False)
    command = f"grammared lint docs/example.md | head -n {SHOWN * LINES_OF_A_FINDING}"
    console.print(Text.assemble(("$ ", "green"), (command, "bold")))
    shown = replace(result, findings=result.findings[:SHOWN])
    report_text(FileReport("docs/example.md", document, shown), console)
    svg = console.export_svg(title="grammared")
    # No fonts from elsewhere: whoever looks at the picture has a monospaced one.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    (DOCS / "images" / "lint.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
