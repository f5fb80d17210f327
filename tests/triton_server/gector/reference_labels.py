"""What PyPI's `gector` says of sentences; run by an interpreter that has it (see `noxfile.py`).

    python reference_labels.py labels MODEL SCRATCH < questions.json > answers.json
    python reference_labels.py predict MODEL SCRATCH < questions.json > answers.json

MODEL is a folder with fp32 weights and `encoder_config.json`.
`labels`: a question is {"sentences": [[word, …], …], "thresholds": [[keep_confidence, min_error_prob], …]},
the answer a list of labels per sentence for each pair.
`predict`: a question is {"sentences": ["…"], "thresholds": [keep_confidence, min_error_prob], "passes": n};
it says "ready", and then, for each further line on stdin, the seconds that one round took.
"""

import contextlib
import json
import shutil
import sys
import time
from pathlib import Path

import torch
from gector import GECToR
from gector.predict import _predict, predict
from transformers import AutoConfig, AutoModel, AutoTokenizer


def load(model, scratch):
    """The reference wants an encoder with weights of its own to overwrite, and its name in `model_id`."""
    values = json.loads((model / "encoder_config.json").read_text())
    config = AutoConfig.for_model(values.pop("model_type"), **values)
    tokenizer = AutoTokenizer.from_pretrained(model)
    config.vocab_size = len(tokenizer) - 1  # it adds $START itself
    encoder = scratch / "encoder"
    AutoModel.from_config(config).save_pretrained(encoder)
    for path in model.glob("token*.json"):
        shutil.copy(path, encoder / path.name)
    folder = scratch / "model"
    folder.mkdir()
    (folder / "model.safetensors").symlink_to((model / "model.safetensors").resolve())
    described = json.loads((model / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**described, "model_id": str(encoder)}))
    return GECToR.from_pretrained(folder).eval(), tokenizer


def labels(model, tokenizer, questions):
    sentences = [["$START", *words] for words in questions["sentences"]]
    return [
        _predict(model, tokenizer, sentences, keep_confidence=keep, min_error_prob=error, batch_size=32)[0]
        for keep, error in questions["thresholds"]
    ]


def main():
    task, model, scratch = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    torch.set_num_threads(2)
    questions = json.loads(sys.stdin.readline())
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # it prints
        loaded, tokenizer = load(model, scratch)
        if task == "labels":
            print(json.dumps(labels(loaded, tokenizer, questions)), file=answers)
            return
        print("ready", file=answers, flush=True)
        keep, error = questions["thresholds"]
        for _ in sys.stdin:  # a line a round, so that two programs can take turns
            start = time.perf_counter()
            predict(loaded, tokenizer, questions["sentences"], {}, {}, keep, error, 32, questions["passes"])
            print(time.perf_counter() - start, file=answers, flush=True)


if __name__ == "__main__":
    main()
