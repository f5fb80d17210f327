"""The models that come with the package: Grammared's own, and some that are ready to be loaded from the hub.

`python -m triton_server.authoring.shipped` says whether their folders are current; with `--write` it makes
them so.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from triton_server.authoring.new_model import NewModel, files, threshold_parameters
from triton_server.launcher import repository
from triton_server.launcher.config import GECTOR_INPUTS, GECTOR_OUTPUTS, ModelConfig, Tensor
from triton_server.launcher.profiles import usual

_ORIGIN = "Made by triton_server/authoring/shipped.py; change it there."
_TENSORS = "What the inputs and outputs mean is said in triton_server/backend/gector.py."
_ON_CPU, _ON_GPU = usual("gector", "cpu"), usual("gector", "gpu")
_THRESHOLDS = threshold_parameters()
_THREADS = ("0", "Processor threads of one instance; 0 for its share of the cores.")

TAGGER = ModelConfig(
    name="gector_distilbert",
    about=f"The grammar model that comes with Grammared, on ONNX Runtime.\n{_TENSORS}",
    origin=_ORIGIN,
    inputs=GECTOR_INPUTS,
    outputs=GECTOR_OUTPUTS,
    max_batch_size=_ON_CPU.rows,
    instances=_ON_CPU.instances,
    queue=_ON_CPU.queue,
    parameters={
        "model": ("", "A model's folder with an ONNX export; empty for the one that comes with Grammared."),
        "threads": _THREADS,
        **_THRESHOLDS,
    },
)
LARGE_TAGGER = replace(
    TAGGER,
    name="gector_roberta",
    about="GECToR on RoBERTa, on PyTorch. The model's card says of its weights: only non-commercial "
    f"purposes.\n{_TENSORS}",
    parameters={
        "requirements": ("torch", "What to install beside the base: see triton_server/launcher."),
        "model": (
            "gotutiyan/gector-roberta-base-5k",
            "A HuggingFace hub id (HF_TOKEN is used where it is set), or a folder.",
        ),
        "revision": ("", "Of the hub's model: a branch, tag or commit; empty for the newest."),
        "cache": ("", "Where downloads are kept; empty for HuggingFace's own folder (HF_HOME)."),
        "dtype": ("fp32", "fp32, fp16 or bf16; the last two are for GPUs."),
        "offline": ("false", "true: use what is in the cache, and never the network."),
        "threads": _THREADS,
        **_THRESHOLDS,
    },
)
PIPELINE = ModelConfig(
    name="grammar_pipeline",
    about="Raw text to corrected text: splits, asks a tagger of the same server, decodes, repeats.\n"
    "What the inputs and outputs mean is said in triton_server/backend/pipeline.py.",
    origin=_ORIGIN,
    inputs=(
        Tensor("text", "STRING"),
        Tensor("prepare", "STRING", optional=True),
        Tensor("strictness", "STRING", optional=True),
    ),
    outputs=(
        Tensor("corrected_text", "STRING"),
        Tensor("checked_text", "STRING"),
        Tensor("edits", "STRING"),
        Tensor("model", "STRING"),
    ),
    instances=2,
    parameters={
        "tagger": ("gector_distilbert", "The model that is asked for labels; it is loaded first."),
        "tagger_version": ("", "Its version; empty for the server's choice."),
        "prepare": (
            "",
            "What every text goes through first, unless its request says: a function of hooks.py.",
        ),
    },
)
"""Grammared's own: the `model.py` of each is written by hand, its `config.pbtxt` made from these."""

FROM_HUB = (
    NewModel(
        name="sentiment_distilbert",
        origin=_ORIGIN,
        task="text-classification",
        model="distilbert/distilbert-base-uncased-finetuned-sst-2-english",
        about="Says POSITIVE or NEGATIVE of English sentences. 67 M parameters; trained on SST-2 (film "
        "reviews), so other texts are judged less well. Licence, by its model card: Apache-2.0.",
    ),
    NewModel(
        name="ner_bert",
        origin=_ORIGIN,
        task="token-classification",
        model="dslim/bert-base-NER",
        defaults={"aggregation": "first"},
        about="Names persons (PER), organisations (ORG), places (LOC) and others (MISC) in English text. "
        "108 M parameters; trained on CoNLL-2003 (news). Licence, by its model card: MIT.",
    ),
    NewModel(
        name="grammar_coedit",
        origin=_ORIGIN,
        task="text-generation",
        model="grammarly/coedit-large",
        max_batch=16,
        defaults={"prefix": "Fix grammatical errors in this sentence: "},
        about="Rewrites a sentence without its errors (CoEdIT, a T5). 770 M parameters, some 3 GB in fp32. "
        "Other instructions can be given as `prefix`, such as `Make this text coherent: `. **Licence, by "
        "its model card: CC BY-NC 4.0, not for commercial use.** The weights are downloaded from the hub and "
        "are no part of Grammared.",
    ),
)
"""The models whose folders are wholly made, as by `grammared triton add`."""


def made() -> dict[str, str]:
    """All files that are made, by their paths in the repository."""
    configs = {f"{one.name}/config.pbtxt": one.pbtxt() for one in (TAGGER, LARGE_TAGGER, PIPELINE)}
    # Takes the place of config.pbtxt with tritonserver's `--model-config-name=gpu`.
    on_gpu = replace(LARGE_TAGGER, device="gpu", max_batch_size=_ON_GPU.rows)
    configs[f"{on_gpu.name}/configs/gpu.pbtxt"] = on_gpu.pbtxt()
    from_hub = {f"{new.name}/{name}": text for new in FROM_HUB for name, text in files(new).items()}
    return configs | from_hub


def outdated(*, write: bool = False) -> list[str]:
    """The files that are not what is said here; `write` makes them so."""
    different = []
    for name, text in made().items():
        path = repository.SHIPPED / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            different.append(name)
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return different


if __name__ == "__main__":
    writing = "--write" in sys.argv[1:]
    for name in outdated(write=writing):
        sys.stderr.write(f"{name} {'was written' if writing else 'is not current'}\n")
    sys.exit(0 if writing or not outdated() else 1)
