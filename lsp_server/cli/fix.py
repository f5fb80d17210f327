"""`grammared lint --fix` and `--diff`: findings put right in files, or shown as a patch."""

from __future__ import annotations

import codecs
import contextlib
import difflib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.cli.texts import decode, read_bytes
from lsp_server.documents import DocumentSnapshot
from lsp_server.errors import InputError
from lsp_server.findings.fixes import applied

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from lsp_server.findings import Finding
    from lsp_server.results import CheckResult

_ROUNDS = 8
"""How often a text is checked again after its findings were put right: each may lay bare another."""
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"", "utf-8"),
    (b"", "cp1252"),
)


async def fixed(
    document: DocumentSnapshot,
    check: Callable[[DocumentSnapshot], Awaitable[CheckResult]],
    is_fixed: Callable[[Finding], bool],
) -> tuple[DocumentSnapshot, CheckResult, int]:
    """Put findings right, and check again, until there is none left that is to be.

    Args:
        document: the text.
        check: checks one.
        is_fixed: tells which findings are put right, by their first suggestion.

    Returns:
        The text as it is then, what a check of it says, and how many findings were put right.
    """
    seen = {document.text}
    count = 0
    result = await check(document)
    for _ in range(_ROUNDS):
        found = [finding for finding in result.findings if finding.suggestions and is_fixed(finding)]
        text = applied(document.text, (finding.suggestions[0] for finding in found))
        if text in seen:  # nothing is left, or one suggestion undoes another
            break
        seen.add(text)
        count += len(found)
        document = DocumentSnapshot(document.uri, text, document.language)
        result = await check(document)
    return document, result, count


def encoded_like(data: bytes, old: str, new: str) -> bytes:
    """A new text in the encoding of a file, byte order mark included.

    Args:
        data: the file's bytes.
        old: the text that was read from them.
        new: what is to be written.

    Raises:
        InputError: writing the old text would not give the same bytes, or the encoding lacks a character.
    """
    for mark, encoding in _ENCODINGS:
        with contextlib.suppress(UnicodeError):
            if mark + old.encode(encoding) == data:
                return mark + new.encode(encoding)
    raise InputError("not changed, since its encoding is not certain; write it in UTF-8 first")


def rewrite(path: Path, old: str, new: str) -> None:
    """Give a file another text, in its own encoding.

    Args:
        path: the file.
        old: the text that was read from it.
        new: the text that it shall have.

    Raises:
        InputError: somebody else has changed it meanwhile, or it cannot be written; it is as it was.
    """
    data = read_bytes(path)
    if decode(data)[0] != old:
        raise InputError("not changed, since somebody else has changed it meanwhile")
    replace_file(path, encoded_like(data, old, new))


def replace_file(path: Path, data: bytes) -> None:
    """Write a file anew: whoever reads it, and whatever happens, finds the old one or the new one, whole.

    A symbolic link stays one. Mode and owner are kept, as far as the system lets us.

    Raises:
        InputError: it cannot be written; the old file is as it was.
    """
    target = path.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:50]}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise InputError(f"not changed: {(error.strerror or str(error)).lower()}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, name)
        with contextlib.suppress(OSError, AttributeError):
            status = target.stat()
            os.chown(name, status.st_uid, status.st_gid)
        Path(name).replace(target)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise InputError(f"not changed: {(error.strerror or str(error)).lower()}") from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def patch(name: str, old: str, new: str) -> str:
    """A unified diff that `git apply` and `patch` take; empty if nothing has changed."""
    lines = difflib.unified_diff(
        _lines(old), _lines(new), f"a/{name.lstrip('/')}", f"b/{name.lstrip('/')}", lineterm="\n"
    )
    return "".join(_ended(lines))


def _lines(text: str) -> list[str]:
    r"""Lines as patches count them: they end with `\n` alone."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _ended(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
