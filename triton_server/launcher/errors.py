"""What can go wrong when a server is started, asked or stopped."""

import re
import shutil


class LauncherError(Exception):
    """The text is one line for a person: what is wrong and what to do about it."""


def why(error: OSError) -> str:
    """What was wrong, in the system's words; of a folder that could not be copied, with the first file."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        _, target, reason = error.args[0][0]
        return re.sub(r"^\[Errno \d+\] ", "", str(reason)).partition(": '")[0] + f" ({target})"
    return error.strerror or str(error)
