"""The settings as the rest of the program reads them: resolved, frozen, none optional by accident.

This is the one definition of every setting. Its wire form (`options.py`), the checks in `load.py`, the
command line's choices and `docs/settings.md` follow from the types, defaults and metadata here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NewType

EngineName = Literal["local", "triton"]
Strictness = Literal["low", "normal", "high"]
SeverityName = Literal["error", "warning", "information", "hint"]
Dialect = Literal["auto", "us", "gb", "ca", "au", "nz", "in"]
KindLevel = Literal["error", "warning", "information", "hint", "off"]
CheckWhen = Literal["change", "save"]
Addresses = NewType("Addresses", str)
"""Hosts with ports, separated by commas; on the wire also a list of strings."""
Version = NewType("Version", str)
"""The number of a model's version, or nothing; on the wire also a number."""
Weights = NewType("Weights", tuple[tuple[str, float], ...])
"""Numbers of versions, each with its share; on the wire an object."""
Strings = NewType("Strings", tuple[str, ...])
"""Several strings; on the wire a list."""
PartName = Literal["heading", "list-item", "table-cell", "label"]
Parts = NewType("Parts", tuple[PartName, ...])
"""Parts of documents; on the wire a list."""
Kinds = NewType("Kinds", tuple[tuple[str, str], ...])
"""Codes of kinds of error, each with how it is shown or `off`; on the wire an object."""
Languages = NewType("Languages", tuple[tuple[str, str], ...])
"""Names of files or patterns, each with the language identifier; on the wire an object."""


def _about(
    description: str,
    *,
    example: Any,
    bounds: tuple[float, float] | None = None,
    secret: bool = False,
    user_only: bool = False,
    adds: bool = False,
) -> dict[str, Any]:
    """What the documentation and the checks of a setting need, as its field's metadata.

    Args:
        description: whole sentences, in Markdown.
        example: a valid value, in its wire form.
        bounds: the least and the greatest number allowed.
        secret: whether the value is never shown.
        user_only: whether no file of a workspace may say it: it chooses where text is sent, what is loaded
            or run, or how this machine is used.
        adds: whether a further layer adds to what the layers before it say, in place of replacing it.
    """
    return {
        "description": description,
        "example": example,
        "bounds": bounds,
        "secret": secret,
        "user_only": user_only,
        "adds": adds,
    }


@dataclass(frozen=True, slots=True)
class TritonSettings:
    """Where the Triton Inference Server is, and how patient to be with it."""

    url: Addresses = field(
        default=Addresses("localhost:8001"),
        metadata=_about(
            "Host and port of the server's gRPC endpoint. Of several, as a list or separated by commas, the "
            "one with the fewest requests under way is asked, and one that fails is left out until it "
            "answers again.",
            example=["gpu-1.example.org:8001", "gpu-2.example.org:8001"],
        ),
    )
    model: str = field(
        default="gector_distilbert",
        metadata=_about("Name of the model in the server's repository.", example="gector_roberta"),
    )
    version: Version = field(
        default=Version(""),
        metadata=_about("Version of the model; empty leaves the choice to the server.", example="1"),
    )
    versions: Weights = field(
        default=Weights(()),
        metadata=_about(
            "For comparing versions: a share for each. A document always goes to the same one, in place of "
            "`triton.version`; `grammared triton ab report` compares them.",
            example={"1": 90, "2": 10},
        ),
    )
    deadline: float = field(
        default=5.0,
        metadata=_about(
            "Seconds that one request may take, retries included. A server that does not even say that it "
            "lives is given up after a tenth of it, or half a second if that is longer.",
            example=2.5,
            bounds=(0.05, 600),
        ),
    )
    retries: int = field(
        default=1,
        metadata=_about(
            "How often a request is repeated when the server could not be reached.",
            example=0,
            bounds=(0, 10),
        ),
    )
    tls: bool = field(default=False, metadata=_about("Whether the connection is encrypted.", example=True))
    root_certificates: str | None = field(
        default=None,
        metadata=_about(
            "File with the certificates (PEM) that vouch for the server; none means those that gRPC brings.",
            example="~/certificates/ca.pem",
        ),
    )
    client_certificate: str | None = field(
        default=None,
        metadata=_about(
            "File with our own certificate (PEM), for a server that asks for one; needs `triton.clientKey`.",
            example="~/certificates/client.pem",
        ),
    )
    client_key: str | None = field(
        default=None,
        metadata=_about(
            "File with the private key (PEM) of `triton.clientCertificate`.",
            example="~/certificates/client.key",
        ),
    )
    token: str | None = field(
        default=None,
        repr=False,
        metadata=_about(
            "Token for a server behind a proxy, sent as `authorization: Bearer …`, and only over TLS or on "
            "this machine. Better than a setting is the environment variable `GRAMMARED_TRITON_TOKEN`.",
            example="s3cr3t",
            secret=True,
        ),
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user may choose."""

    engine: EngineName = field(
        default="local",
        metadata=_about(
            "What runs the model: `local`, inside this process on ONNX Runtime, or `triton`, "
            "a Triton Inference Server.",
            user_only=True,
            example="triton",
        ),
    )
    model: str | None = field(
        default=None,
        metadata=_about(
            "Folder of the local engine's model; none means the model that comes with Grammared.",
            user_only=True,
            example="~/models/my-gector",
        ),
    )
    triton: TritonSettings = field(default_factory=TritonSettings, metadata={"user_only": True})
    fallback: bool = field(
        default=True,
        metadata=_about(
            "Whether the local engine takes over while the Triton server cannot be reached.",
            user_only=True,
            example=False,
        ),
    )
    strictness: Strictness = field(
        default="normal",
        metadata=_about(
            "How much is reported: `low` only what is almost surely wrong, `high` also what is just likely. "
            "Each model brings its own measured thresholds for the three.",
            example="low",
        ),
    )
    keep_confidence: float | None = field(
        default=None,
        metadata=_about(
            "For experts: the bias towards leaving a word alone, in place of what the strictness chooses.",
            example=0.2,
            bounds=(0, 1),
        ),
    )
    min_error_prob: float | None = field(
        default=None,
        metadata=_about(
            "For experts: how probable an error must be to be reported, "
            "in place of what the strictness chooses.",
            example=0.6,
            bounds=(0, 1),
        ),
    )
    max_passes: int = field(
        default=5,
        metadata=_about(
            "How often a sentence is checked in all: again after each correction, "
            "since errors hide each other.",
            example=3,
            bounds=(1, 5),
        ),
    )
    sentence_pipeline: str | None = field(
        default=None,
        metadata=_about(
            "Name or folder of an installed spaCy pipeline (with `senter` or `parser`) that finds the "
            "sentences; none means the built-in rules.",
            user_only=True,
            example="en_core_web_sm",
        ),
    )
    debounce: int = field(
        default=150,
        metadata=_about(
            "Milliseconds without a keystroke before the editor's document is checked.",
            example=400,
            bounds=(0, 60_000),
        ),
    )
    severity: SeverityName = field(
        default="warning", metadata=_about("How an editor shows a finding.", example="information")
    )
    threads: int | None = field(
        default=None,
        metadata=_about(
            "Processor threads for the local engine; none means that it looks at the machine.",
            user_only=True,
            example=2,
            bounds=(1, 256),
        ),
    )
    dialect: Dialect = field(
        default="auto",
        metadata=_about(
            "Whose English it is: `us`, `gb`, `ca`, `au`, `nz` or `in`. `auto` follows the document: it "
            "takes each spelling that one of them has, until several words show whose English it is.",
            example="gb",
        ),
    )
    kinds: Kinds = field(
        default=Kinds(()),
        metadata=_about(
            "How findings of a kind are shown: `error`, `warning`, `information` or `hint` in place of "
            "`severity`, or `off` for not at all. `grammared kinds` lists them.",
            example={"missing-comma": "hint", "word-choice": "off"},
            adds=True,
        ),
    )
    min_confidence: float = field(
        default=0.0,
        metadata=_about(
            "Findings that the model is less sure of than this are not reported.",
            example=0.8,
            bounds=(0, 1),
        ),
    )
    words: Strings = field(
        default=Strings(()),
        metadata=_about(
            "Words and names that are right as they are, besides those of the dictionaries.",
            example=["kubectl", "Grammared"],
            adds=True,
        ),
    )
    dictionaries: Strings = field(
        default=Strings(()),
        metadata=_about(
            "Further files of words, one a line, besides your own dictionary and the project's. In a project "
            "file, paths are relative to its folder and stay inside the project.",
            example=["docs/terms.txt"],
            adds=True,
        ),
    )
    ignore_file: str = field(
        default=".grammared/ignored.txt",
        metadata=_about(
            "File of the findings that the project has decided to live with, relative to its folder.",
            example="docs/grammared-ignored.txt",
        ),
    )
    include: Strings = field(
        default=Strings(()),
        metadata=_about(
            "Patterns, as in `.gitignore`, of the files that are checked; none means all that are texts. "
            "Relative to the folder of the file that says it, or of the workspace.",
            example=["docs/", "*.md"],
        ),
    )
    exclude: Strings = field(
        default=Strings(()),
        metadata=_about(
            "Patterns, as in `.gitignore`, of files that are never checked. Relative to the folder of the "
            "file that says it, or of the workspace.",
            example=["vendor/", "CHANGELOG.md"],
            adds=True,
        ),
    )
    languages: Languages = field(
        default=Languages(()),
        metadata=_about(
            "What kind of text a file is, by its name or a pattern, where its ending does not say it; or a "
            "document in an editor, by its language identifier. The kind is named as editors do.",
            example={"*.page": "markdown", "NOTES": "plaintext", "my-notes": "rst"},
            adds=True,
        ),
    )
    front_matter: Strings = field(
        default=Strings(()),
        metadata=_about(
            "Fields of the front matter (YAML or TOML) of Markdown files that are read; none by default.",
            example=["title", "description"],
            adds=True,
        ),
    )
    latex_commands: Strings = field(
        default=Strings(()),
        metadata=_about(
            "Commands of your own in LaTeX, without the backslash, whose last argument is read as part of "
            "the sentence. The argument of an unknown command is not read.",
            example=["keyword", "aside"],
            adds=True,
        ),
    )
    string_literals: bool = field(
        default=False,
        metadata=_about("Whether texts in quotes are read in source code, besides comments.", example=True),
    )
    notebook_code: bool = field(
        default=False,
        metadata=_about("Whether the comments of a notebook's code cells are read.", example=True),
    )
    skip_parts: Parts = field(
        default=Parts(()),
        metadata=_about(
            "Parts of documents that are not checked: `heading`, `list-item`, `table-cell`, or `label` (a "
            "caption, a term, a title, the description of an image). In `[[overrides]]`, of some files only.",
            example=["heading", "table-cell"],
            adds=True,
        ),
    )
    check: CheckWhen = field(
        default="change",
        metadata=_about(
            "When an editor's document is checked: at each `change`, or when it is opened and at each "
            "`save`.",
            example="save",
        ),
    )
    cache: bool = field(
        default=True,
        metadata=_about(
            "Whether what was found is remembered on disk, so that the next start is quick.", example=False
        ),
    )
    max_characters: int = field(
        default=20_000_000,
        metadata=_about(
            "A document longer than this is not checked in an editor; of one of more than 5,000,000 "
            "characters, 500,000 around the place where you edit are.",
            example=500_000,
            bounds=(1_000, 1_000_000_000),
        ),
    )
    workspace_diagnostics: bool = field(
        default=False,
        metadata=_about(
            "Whether the files of the workspace that are not open are checked too, in editors that ask for "
            "it. To be said before the server starts.",
            example=True,
            user_only=True,
        ),
    )
    max_findings: int = field(
        default=1_000,
        metadata=_about(
            "How many findings of one document an editor shows at most, the first ones.",
            example=200,
            bounds=(1, 1_000_000),
        ),
    )
