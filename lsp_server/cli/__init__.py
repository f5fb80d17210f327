"""The command line, `grammared`: commands in, reports and exit codes out.

Exit codes, of every command: 0 all is well, 1 there are findings, 2 usage or failure, 130 interrupted.
"""

from __future__ import annotations

import errno
import gc
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

FAILURE = 2
INTERRUPTED = 130
PIPE_CLOSED = 1
"""Whoever read our output has seen enough; click and rich, who may notice first, exit with this."""


_BETWEEN_COLLECTIONS = 50_000
"""New objects between two searches for garbage. Importing libraries makes many and drops none; the usual 700
have a tenth of the start go into searching."""


def run() -> NoReturn:
    """The command `grammared`: `main`, and the end of the process."""
    gc.set_threshold(_BETWEEN_COLLECTIONS)
    code = main()
    if sys.argv[1:2] == ["lint"]:
        # Nothing goes on behind it, and to take libraries and model down piece by piece takes a tenth of a
        # second or two, for which a hook or an editor would wait.
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `grammared` and return its exit code; whatever goes wrong is one line on stderr.

    With the environment variable `GRAMMARED_DEBUG` set, exceptions come with their traceback.
    """
    import click

    from lsp_server.cli.commands import grammared
    from lsp_server.errors import GrammaredError

    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal's encoding lacks is no reason to fail.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        code = grammared.main(arguments, prog_name="grammared", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return FAILURE
    except (click.Abort, KeyboardInterrupt):
        # Another one, while threads come to their end, ends the process at once and without a word.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        return INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes stdout once more at exit: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        if os.environ.get("GRAMMARED_DEBUG"):
            raise
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            error = GrammaredError(f"cannot write the output: {error.strerror}")
        if not isinstance(error, GrammaredError):
            error = GrammaredError(
                f"internal error: {type(error).__name__}: {error} (GRAMMARED_DEBUG=1 shows where)"
            )
        click.echo(f"grammared: {' '.join(str(error).split())}", err=True)
        return FAILURE
    return code if isinstance(code, int) else 0
