"""Runs an exported model with ONNX Runtime."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.gector.model_files import ONNX, open_model
from triton_server.gector.tagger import Answer, Batch, Tagger
from triton_server.gector.types import GectorError

if TYPE_CHECKING:
    from triton_server.gector.model_files import ModelFiles
    from triton_server.gector.tagger import Forward

_SLOWER = ["SkipLayerNormFusion"]
"""Optimisations that are none on a CPU: the fused kernel of ONNX Runtime 1.23 to 1.32 takes several times as
long as its parts."""
_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


def onnx_tagger(folder: Path, *, threads: int = 0, device: str = "cpu") -> Tagger:
    """Load the ONNX model of a model folder.

    Args:
        folder: has config.json, tokenizer.json and model.onnx.
        threads: CPU threads of one run; 0 leaves it to ONNX Runtime (the machine's physical cores).
        device: "cpu", "cuda", or one GPU of several, such as "cuda:1".

    Raises:
        GectorError: a file is missing, damaged or of another format, or there is no such device.
    """
    files = open_model(folder)
    path = files.path(ONNX)
    session = open_session(path, threads=1, device=device)
    _check_labels(files, session)
    if not _takes_rows_together(session):
        if threads != 1:
            session = open_session(path, threads=threads, device=device)
        return Tagger(files, onnx_forward(path, session))
    # One sentence a run: runs side by side, of one thread each, are faster than several threads for one run.
    side_by_side = 1 if device != "cpu" else threads or physical_cores()
    return Tagger(files, onnx_forward(path, session), side_by_side=side_by_side, alone=True)


def open_session(path: Path, *, threads: int = 0, device: str = "cpu") -> Any:
    """An `onnxruntime.InferenceSession` of any ONNX model; see `onnx_tagger`."""
    import onnxruntime  # type: ignore[import-untyped]

    kind, _, number = device.partition(":")
    if _PROVIDERS.get(kind) not in onnxruntime.get_available_providers():
        raise GectorError(
            f"This ONNX Runtime cannot run on {device!r}; use cpu, or install onnxruntime-gpu for cuda."
        )
    which = {"device_id": number} if number else {}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors are raised; its warnings are not for a server's users
    # Threads that spin while they wait would keep a laptop's cores busy after every keystroke.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if kind == "cpu" and _overflows():
        # Instructions that do not, some 15 % slower. Where there is VNNI this would halve the speed.
        options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        return onnxruntime.InferenceSession(
            str(path),
            options,
            providers=[(_PROVIDERS[kind], which)],
            disabled_optimizers=_SLOWER if kind == "cpu" else None,
        )
    except Exception as error:  # each of its exceptions is a class of its own without a common base
        raise GectorError(
            f"Cannot load {path}: {_first_line(error)}; copy or export the model again."
        ) from error


@cache
def _overflows() -> bool:
    """Whether this processor adds products of bytes in 16 bits, which makes a model's answers worthless.

    x86 without VNNI does. Whether ONNX Runtime uses VNNI is best told by its results.
    """
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(_PRODUCT_OF_BYTES, options, providers=[_PROVIDERS["cpu"]])
    left, right = np.full((8, 64), 255, np.uint8), np.full((64, 32), 127, np.int8)
    [product] = session.run(None, {"a": left, "b": right})
    return not bool((product == 255 * 127 * 64).all())


_PRODUCT_OF_BYTES = (
    b'\x08\x08:>\n\x18\n\x01a\n\x01b\x12\x01c"\rMatMulInteger\x12\x01gZ\t\n\x01a\x12\x04\n\x02\x08\x02'
    b"Z\t\n\x01b\x12\x04\n\x02\x08\x03b\t\n\x01c\x12\x04\n\x02\x08\x06B\x04\n\x00\x10\r"
)
"""A model that does nothing but `c = MatMulInteger(a, b)`."""


def onnx_forward(path: Path, session: Any) -> Forward:
    """Run a model.onnx made by `triton_server.export`, opened by `open_session`."""
    if [i.name for i in session.get_inputs()] != INPUTS or [o.name for o in session.get_outputs()] != OUTPUTS:
        raise GectorError(
            f"{path} is not a GECToR model; make one with: python -m triton_server.export gector MODEL OUT."
        )

    def forward(batch: Batch) -> Answer:
        feed: dict[str, Any] = {name: getattr(batch, name) for name in INPUTS}
        try:
            return Answer(*session.run(OUTPUTS, feed))
        except Exception as error:
            raise GectorError(f"The model {path} failed: {_first_line(error)}.") from error

    return forward


def physical_cores() -> int:
    """How many this process may use; where the machine does not tell, its processors."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    siblings = Path("/sys/devices/system/cpu")
    try:
        return len({(siblings / f"cpu{n}/topology/thread_siblings_list").read_text("ascii") for n in allowed})
    except OSError:
        return len(allowed)


def _check_labels(files: ModelFiles, session: Any) -> None:
    """Refuse a config.json with more or fewer labels than the weights have; older files do not say."""
    said = session.get_modelmeta().custom_metadata_map.get(LABELS)
    if said and int(said) != len(files.labels):
        raise GectorError(
            f"The weights in {files.folder} do not fit: they are for {said} labels, and config.json has "
            f"{len(files.labels)}."
        )


def _takes_rows_together(session: Any) -> bool:
    return bool(session.get_modelmeta().custom_metadata_map.get(ROWS) == ROWS_TOGETHER)


LABELS = "grammared.labels"
"""Of a file's metadata: how many labels its head knows."""
ROWS = "grammared.rows"
"""Of a file's metadata: how the rows of a batch are quantised."""
ROWS_TOGETHER = "together"
"""With one scale for all: only a batch of one sentence gives results that depend on that sentence alone."""
INPUTS = ["input_ids", "attention_mask", "word_starts", "keep_confidence"]
"""Of the graph, in order: the fields of `Batch`."""
OUTPUTS = ["label_ids", "probabilities", "error_probabilities"]
"""Of the graph, in order: the fields of `Answer`."""


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
