"""What can go wrong, as types.

Every exception that a user may meet is a `GrammaredError`; its text is one line that says what is wrong
and what to do about it. The command line prints that line and exits with 2, the language server shows it.

    GrammaredError
    ├── InputError          a file or text that cannot be read
    ├── SettingsError       a setting that is unknown or has a wrong value
    └── EngineError         the sentences could not be tagged
        ├── ModelError      the model cannot be loaded (missing, truncated, another format)
        └── EngineUnavailable   the engine cannot be reached, or did not answer in time

`triton_server` has its own `GectorError`; `engines` turns it into one of these at its edge.
"""


class GrammaredError(Exception):
    """The root: text is one line for a person."""


class InputError(GrammaredError):
    """A file or text cannot be read."""


class SettingsError(GrammaredError):
    """A setting is unknown or has a wrong value."""


class EngineError(GrammaredError):
    """The engine could not tag the sentences."""


class ModelError(EngineError):
    """The model cannot be loaded: missing, truncated, or of another format."""


class EngineUnavailable(EngineError):  # noqa: N818  (a state, as gRPC names it)
    """The engine cannot be reached or did not answer in time; another may take over."""
