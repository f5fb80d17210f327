"""What the benchmarks on Triton share: a server with the bundled model under several configurations."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from triton_server import launcher
from triton_server.authoring.shipped import TAGGER
from triton_server.launcher import profiles, repository
from triton_server.launcher.config import Queue
from triton_server.segmentation.sentences import sentences_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from triton_server.launcher.config import ModelConfig

SENTENCES = Path(__file__).parents[1] / "tests" / "fixtures" / "reference" / "sentences.txt"
"""Those of the tests."""
PLAIN = replace(TAGGER, instances=1, max_batch_size=64, queue=Queue())
"""One instance behind Triton's `dynamic_batching { }`."""


def words_of_sentences(path: Path) -> list[list[str]]:
    """The sentences of a plain text that have more than three words."""
    found = [one for _, one in sentences_in(path.read_text(encoding="utf-8"))]
    return [[word.text for word in one.words] for one in found if len(one.words) > 3]


@contextmanager
def server_with(configs: Mapping[str, ModelConfig]) -> Iterator[launcher.Server]:
    """A server that serves the bundled model once for each configuration, under the name that it is given."""
    source = (repository.SHIPPED / TAGGER.name / "1" / "model.py").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "models"
        for name, config in configs.items():
            (folder / name / "1").mkdir(parents=True)
            (folder / name / "1" / "model.py").write_text(source, encoding="utf-8")
            text = replace(config, name=name).pbtxt()
            (folder / name / "config.pbtxt").write_text(text, encoding="utf-8")
        user = launcher.Places.of_user()
        places = launcher.Places(user.data, Path(scratch), user.cache)
        options = launcher.Options(
            list(configs),
            folder,
            http_port=0,
            grpc_port=0,
            metrics_port=None,
            use_docker=False,
            server_options=profiles.server_options(repository.read(folder, name) for name in configs),
        )
        health = launcher.start(options, places, print)
        try:
            yield health.server
        finally:
            launcher.stop(places)
