"""The HuggingFace models that come with the package, ready to be loaded from the hub.

`python -m triton_server.authoring.shipped` says whether their folders are current; with `--write` it makes
them so.
"""

from __future__ import annotations

import sys

from triton_server.authoring.new_model import NewModel, files
from triton_server.launcher import repository

_ORIGIN = "Made by triton_server/authoring/shipped.py; change it there."

SHIPPED = (
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


def outdated(*, write: bool = False) -> list[str]:
    """The files that are not what is said here; `write` makes them so."""
    different = []
    for new in SHIPPED:
        for name, text in files(new).items():
            path = repository.SHIPPED / new.name / name
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                different.append(f"{new.name}/{name}")
                if write:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
    return different


if __name__ == "__main__":
    writing = "--write" in sys.argv[1:]
    for name in outdated(write=writing):
        sys.stderr.write(f"{name} {'was written' if writing else 'is not current'}\n")
    sys.exit(0 if writing or not outdated() else 1)
