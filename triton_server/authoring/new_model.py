"""A model folder for Triton from a HuggingFace model: `config.pbtxt`, `1/model.py`, `README.md`."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from triton_server.backend.parameters import THRESHOLDS
from triton_server.backend.tasks.backend import defaults_of
from triton_server.backend.tasks.contract import CONTRACTS
from triton_server.backend.tasks.source import Dtype, LoadError
from triton_server.gector.model_files import ONNX, bundled_model
from triton_server.launcher import repository
from triton_server.launcher.config import GECTOR_INPUTS, GECTOR_OUTPUTS, ModelConfig, Queue, Tensor
from triton_server.launcher.errors import LauncherError, why
from triton_server.launcher.profiles import GPU_PROFILES, profiled, usual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from triton_server.backend.tasks.contract import Contract, Input, Kind
    from triton_server.launcher.config import Datatype
    from triton_server.launcher.profiles import Profile

TASKS = ("gector", *CONTRACTS)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_DEFAULT = "default_"
_DATATYPES: dict[Kind, Datatype] = {"BYTES": "STRING", "INT32": "INT32", "FP32": "FP32", "BOOL": "BOOL"}


@dataclass(frozen=True, slots=True)
class NewModel:
    """What is to be served, and how."""

    name: str
    task: str
    model: str
    """A hub id or a folder."""
    revision: str = ""
    device: Literal["cpu", "cuda"] = "cpu"
    gpus: tuple[int, ...] = ()
    """Each gets `instances`; none for all there are."""
    dtype: Dtype = "fp32"
    max_batch: int | None = None
    """Rows in one forward pass; None for as many as are usual for the task: see `launcher.profiles.usual`."""
    instances: int | None = None
    """The same."""
    threads: int = 0
    """Of one instance on the CPU; 0 for its share of the cores."""
    streaming: bool = False
    trust_remote_code: bool = False
    offline: bool = False
    cache: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Values of optional inputs that a request leaves out."""
    thresholds: Mapping[str, str] = field(default_factory=dict)
    """Of a grammar model, those that are not to be the model's own: see `backend.parameters`."""
    about: str = ""
    """What is special about this model, for its README; Markdown."""
    origin: str = "Made by `grammared triton add`; yours to change."
    profile: Profile | None = None
    """Takes the place of `device`, `instances` and `threads`, and sets the queue: see `launcher.profiles`."""


def check(new: NewModel) -> None:
    """Whether such a model can be.

    Raises:
        LauncherError: a bad name, or settings that exclude each other.
    """
    if not _NAME.fullmatch(new.name):
        raise LauncherError(
            f"{new.name!r} cannot be a model's name: letters, digits, _ . - and a letter or digit first"
        )
    if new.task not in TASKS:
        raise LauncherError(f"there is no task {new.task}; there are {', '.join(TASKS)}")
    if new.threads < 0 or any(one is not None and one < 1 for one in (new.max_batch, new.instances)):
        raise LauncherError("max-batch and instances are at least 1, threads at least 0")
    if new.device == "cuda" and new.dtype == "int8":
        raise LauncherError("int8 runs on the CPU only; use fp16 or bf16 on a GPU")
    if new.gpus and new.device != "cuda":
        raise LauncherError("GPUs are named, but the device is cpu: add --device cuda")
    if new.profile and (new.device == "cuda") != (new.profile in GPU_PROFILES):
        raise LauncherError(
            f"profile {new.profile} and device {new.device} exclude each other: the profiles for GPUs are "
            f"{' and '.join(GPU_PROFILES)}"
        )
    if new.streaming and new.task != "text-generation":
        raise LauncherError(f"{new.task} has no pieces to stream; only text-generation has")
    if not new.model.strip():
        raise LauncherError("no model is named: give a hub id or a folder")
    if new.revision and Path(new.model).is_dir():
        raise LauncherError(f"{new.model} is a folder, and only models of the hub have revisions")
    if not Path(new.model).is_dir() and (Path(new.model).is_absolute() or new.model.startswith((".", "~"))):
        raise LauncherError(f"there is no folder {new.model}")
    if is_onnx(new) and new.dtype != "fp32":
        raise LauncherError(f"{new.model} has an ONNX export with a number format of its own: no --dtype")
    if new.task == "gector":
        _check_gector(new)
        return
    try:
        defaults_of(CONTRACTS[new.task], _default_parameters(new))
    except LoadError as error:
        raise LauncherError(str(error).removeprefix(_DEFAULT)) from error


def _check_gector(new: NewModel) -> None:
    if new.defaults:
        raise LauncherError("gector's defaults are the model's own thresholds, in its config.json")
    if new.trust_remote_code:
        raise LauncherError("gector never runs code of a model")
    if new.dtype == "int8":
        raise LauncherError("gector has int8 as an ONNX export: give a folder with a model.onnx")


def write(new: NewModel, folder: Path, *, force: bool = False) -> Path:
    """Write the model's folder into the repository, whole or not at all: see `written`."""
    with written(new, folder, force=force) as target:
        return target


@contextlib.contextmanager
def written(new: NewModel, folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Write the model's folder into the repository `folder`, as `placed` does.

    Args:
        new: what is to be served.
        folder: a model repository; made if it is not there.
        force: replace a model of that name.

    Yields:
        The model's folder.

    Raises:
        LauncherError: it cannot be, is there already, or cannot be written.
    """
    check(new)
    if folder.resolve() != repository.SHIPPED.resolve() and (repository.SHIPPED / new.name).exists():
        raise LauncherError(f"{new.name} is a model that comes with grammared: choose another name")
    target = folder / new.name
    with placed(target, lambda made: _fill(new, made, target / "hooks.py"), force=force):
        yield target


@contextlib.contextmanager
def placed(target: Path, fill: Callable[[Path], None], *, force: bool = False) -> Iterator[None]:
    """Put a model's folder, that `fill` writes, into a repository; whole or not at all.

    What it replaces is kept until the block ends, and put back if that raises.

    Raises:
        LauncherError: it is there already, or cannot be written.
    """
    if target.exists() and not force:
        raise LauncherError(f"{target} exists already: choose another name, or --force to replace it")
    with contextlib.ExitStack() as stack:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=target.parent, prefix=".")))
            made, replaced = temporary / target.name, temporary / "replaced"
            fill(made)
            if target.exists():
                target.rename(replaced)
            made.rename(target)
        except OSError as error:
            raise LauncherError(f"cannot write {target}: {why(error)}") from error
        try:
            yield
        except BaseException:
            if replaced.exists():
                target.rename(made)
                replaced.rename(target)
            raise


def _fill(new: NewModel, folder: Path, hooks: Path) -> None:
    """Write the model's files, but for the user's own hooks: those are taken over."""
    for name, text in files(new).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if new.task == "custom" and hooks.exists():
        shutil.copy(hooks, folder)


def read(folder: Path) -> NewModel:
    """What a model's folder in a repository serves, the opposite of `write`; its queue is not read.

    Raises:
        LauncherError: there is no such model, its file is broken, or it is of no task.
    """
    config = repository.read(folder.parent, folder.name)
    values = {key: value.string_value for key, value in config.parameters.items()}
    is_gector = {"words", "text"} <= {one.name for one in config.input}
    task = values.get("task", "gector" if is_gector else "")
    if task not in TASKS:
        raise LauncherError(f"{folder.name} is of none of the tasks {', '.join(TASKS)}")
    model = values.get("model") or str(bundled_model())
    groups = [group for group in config.instance_group if group.kind == group.KIND_GPU]
    return NewModel(
        name=folder.name,
        task=task,
        model=str(folder / model) if (folder / model).is_dir() else model,
        revision=values.get("revision", ""),
        device="cuda" if groups else "cpu",
        gpus=tuple(groups[0].gpus) if groups else (),
        dtype=cast("Dtype", values.get("dtype") or "fp32"),
        max_batch=config.max_batch_size,
        instances=config.instance_group[0].count if config.instance_group else 1,
        threads=int(values.get("threads") or 0),
        streaming=config.model_transaction_policy.decoupled,
        trust_remote_code=values.get("trust_remote_code") == "true",
        offline=values.get("offline") == "true",
        cache=values.get("cache", ""),
        thresholds={name: values[name] for name in THRESHOLDS if values.get(name)},
        defaults={
            key.removeprefix(_DEFAULT): value for key, value in values.items() if key.startswith(_DEFAULT)
        },
    )


def files(new: NewModel) -> dict[str, str]:
    """The files of the model's folder: path to text."""
    made = {
        "config.pbtxt": config(new).pbtxt(),
        "1/model.py": _model_py(new),
        "README.md": readme(new),
    }
    if new.task == "custom":
        made["hooks.py"] = _template("hooks.py.txt")
    return made


def config(new: NewModel) -> ModelConfig:
    """The model's configuration."""
    inputs, outputs = _tensors(new.task)
    device: Literal["cpu", "gpu"] = "gpu" if new.device == "cuda" else "cpu"
    as_usual = usual(new.task, device)
    instances = new.instances or as_usual.instances
    made = ModelConfig(
        name=new.name,
        about=f"{_meaning(new.task)}: {new.model}.\nInputs and outputs are explained in README.md.",
        inputs=inputs,
        outputs=outputs,
        max_batch_size=new.max_batch or as_usual.rows,
        instances=instances,
        device=device,
        gpus=new.gpus,
        queue=as_usual.queue if instances > 1 else Queue(),  # priorities slow a lone instance down
        decoupled=new.streaming,
        parameters=_parameters(new),
        origin=new.origin,
    )
    return made if new.profile is None else profiled(made, new.profile)


def _tensors(task: str) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    if task == "gector":
        return GECTOR_INPUTS, GECTOR_OUTPUTS
    contract = CONTRACTS[task]
    return (
        tuple(Tensor(one.name, _DATATYPES[one.kind], optional=not one.required) for one in contract.inputs),
        tuple(
            Tensor(one.name, _DATATYPES[one.kind], (-1,) if one.ragged else (1,)) for one in contract.outputs
        ),
    )


def _parameters(new: NewModel) -> dict[str, tuple[str, str]]:
    model = str(Path(new.model).resolve()) if Path(new.model).is_dir() else new.model
    threads = (str(new.threads), "Processor threads of one instance; 0 for its share of the cores.")
    task = {"task": (new.task, "What the model does; the code follows it.")}
    where = {"model": (model, "A HuggingFace hub id (HF_TOKEN is used where it is set), or a folder.")}
    if new.task == "gector" and is_onnx(new):
        return {**task, **where, "threads": threads, **threshold_parameters(new.thresholds)}
    flags = ("false", "true")
    trusted = (flags[new.trust_remote_code], "true: run code that comes with the model.")
    defaults = {
        key: (value, "When a request leaves it out.") for key, value in _default_parameters(new).items()
    }
    if is_onnx(new):
        needs = ("transformers", "What to install beside the base: see triton_server/launcher.")
        return {
            "requirements": needs,
            **task,
            **where,
            "trust_remote_code": trusted,
            "threads": threads,
            **defaults,
        }
    shared = {
        "requirements": ("torch", "What to install beside the base: see triton_server/launcher."),
        **task,
        **where,
        "revision": (new.revision, "Of the hub's model: a branch, tag or commit; empty for its main branch."),
        "cache": (new.cache, "Where downloads are kept; empty for HuggingFace's own folder (HF_HOME)."),
    }
    offline = (flags[new.offline], "true: use what is in the cache, and never the network.")
    if new.task == "gector":
        dtype = (new.dtype, "fp32, fp16 or bf16; the last two are for GPUs.")
        own = threshold_parameters(new.thresholds)
        return {**shared, "dtype": dtype, "offline": offline, "threads": threads, **own}
    return {
        **shared,
        "dtype": (new.dtype, "fp32, bf16, fp16 (GPU) or int8 (CPU; linear layers)."),
        "offline": offline,
        "trust_remote_code": trusted,
        "threads": threads,
        **defaults,
    }


def threshold_parameters(own: Mapping[str, str] = {}) -> dict[str, tuple[str, str]]:
    """The thresholds of a grammar model as parameters of its `config.pbtxt`; empty for the model's own."""
    return {name: (own.get(name, ""), meaning) for name, (_, _, meaning) in THRESHOLDS.items()}


def _default_parameters(new: NewModel) -> dict[str, str]:
    return {_DEFAULT + name: value for name, value in new.defaults.items()}


def is_onnx(new: NewModel) -> bool:
    """Whether it is run by ONNX Runtime, as its folder has a `model.onnx`; text generation never is."""
    return new.task != "text-generation" and (Path(new.model) / ONNX).is_file()


def _model_py(new: NewModel) -> str:
    if new.task == "gector":
        same = "gector_distilbert" if is_onnx(new) else "gector_roberta"
        return (repository.SHIPPED / same / "1" / "model.py").read_text(encoding="utf-8")
    return _template("model_streaming.py.txt" if new.streaming else "model.py.txt")


def _template(name: str) -> str:
    return (resources.files("triton_server") / "templates" / name).read_text(encoding="utf-8")


def _meaning(task: str) -> str:
    return "Grammar corrections (GECToR)" if task == "gector" else CONTRACTS[task].meaning


def readme(new: NewModel) -> str:
    """What the model takes and gives, and how to ask it."""
    if new.task == "gector":
        tables = "What goes in and comes out is said in `triton_server/backend/gector.py`.\n"
        body = {"text": "She go to school every days."}
    else:
        contract = CONTRACTS[new.task]
        tables = interface(contract, new.defaults)
        body = dict(contract.samples[0])
    how = "generate_stream" if new.streaming else "generate"
    about = f"\n{new.about}\n" if new.about else ""
    return f"""# {new.name}

{_meaning(new.task)}. Task `{new.task}`, model `{new.model}`{f" at `{new.revision}`" if new.revision else ""}.
{about}
{tables}
## Try it

```bash
grammared triton test {new.name}
curl -s 127.0.0.1:8000/v2/models/{new.name}/{how} \\
    -H 'Content-Type: application/json' -d '{json.dumps(body, ensure_ascii=False)}'
```

What can be changed is in `config.pbtxt`, each with a comment. `docs/triton-models.md` has more.
"""


def interface(contract: Contract, defaults: Mapping[str, str]) -> str:
    """Tables of what goes in and comes out; Markdown."""
    inputs = [
        f"| `{one.name}` | {one.kind} | {_default(one, defaults)} | {one.meaning} |"
        for one in contract.inputs
    ]
    outputs = [
        f"| `{one.name}` | {one.kind} | {'[rows, longest]' if one.ragged else '[rows, 1]'} | {one.meaning} |"
        for one in contract.outputs
    ]
    return "\n".join(
        [
            "| Input, [rows, 1] | Type | Default | Meaning |",
            "|---|---|---|---|",
            *inputs,
            "",
            "| Output | Type | Shape | Meaning |",
            "|---|---|---|---|",
            *outputs,
            "",
        ]
    )


def _default(one: Input, defaults: Mapping[str, str]) -> str:
    if one.required:
        return "required"
    value = defaults.get(one.name, one.default)
    return "" if value is None else f"`{value}`" if value != "" else "empty"
