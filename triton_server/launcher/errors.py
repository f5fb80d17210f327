"""What can go wrong when a server is started, asked or stopped."""


class LauncherError(Exception):
    """The text is one line for a person: what is wrong and what to do about it."""
