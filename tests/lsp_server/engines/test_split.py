"""Documents split between versions."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.checker import Checker
from lsp_server.documents import DocumentSnapshot
from lsp_server.engines import DOCUMENT, SplitEngine, TritonEngine
from lsp_server.engines.split import arm_of
from lsp_server.errors import EngineUnavailable, ModelError
from lsp_server.settings import Settings
from tests.conftest import RULES_MODEL, rules_config, write_model
from triton_server.launcher import promotion, versions

WEIGHTS = {"1": 90, "2": 10}
URIS = [f"file:///notes/{i}.md" for i in range(2000)]


def test_shares_are_kept():
    second = sum(arm_of(uri, WEIGHTS) == "2" for uri in URIS)
    assert 150 < second < 250


def test_the_arm_of_a_document_is_the_same_in_every_process():
    code = f"from lsp_server.engines.split import arm_of; print(*(arm_of(u, {WEIGHTS}) for u in {URIS[:50]}))"
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == [arm_of(uri, WEIGHTS) for uri in URIS[:50]]


def test_more_weight_moves_documents_to_an_arm_and_none_away():
    before = {uri for uri in URIS if arm_of(uri, {"1": 90, "2": 10}) == "2"}
    after = {uri for uri in URIS if arm_of(uri, {"1": 50, "2": 50}) == "2"}
    assert before < after


@given(st.text(), st.dictionaries(st.text(), st.floats(1e-3, 1e6), min_size=1))
def test_every_document_has_an_arm(document, weights):
    assert arm_of(document, weights) in weights


class Counts(list):
    def request(self, model, sentences, seconds):
        self.append((model, sentences))

    def flush(self):
        self.append("flushed")


@pytest.fixture
def two_versions(tmp_path, start_triton):
    """A model with two versions, both served."""
    write_model(tmp_path / "models", rules_config("rules"), RULES_MODEL)
    folder = tmp_path / "models" / "rules"
    number = versions.install(folder, {"identity": "rules@2"})
    promotion.promote(folder, number, None)
    health, _ = start_triton("rules", repository=folder.parent)
    return health.server, folder


@pytest.mark.triton
async def test_each_finding_names_its_version_and_the_cache_never_mixes(two_versions):
    server, folder = two_versions
    counts, changes = Counts(), []
    arms = {version: TritonEngine(server.grpc, "rules", version) for version in WEIGHTS}
    engine = SplitEngine(arms, WEIGHTS, counts, lambda *told: changes.append(told), probe_pause=0.05)
    await engine.start()
    checker = Checker(engine, Settings())

    async def models(uri):
        result = await checker.check(DocumentSnapshot(uri, "He go home.", "plaintext"))
        assert result.failure is None
        assert {finding.model for finding in result.findings} == {result.model}
        return result.model, result.words

    of_second = next(uri for uri in URIS if arm_of(uri, WEIGHTS) == "2")
    for uri in [*URIS[:10], of_second, *URIS[10:20]]:
        version = arm_of(uri, WEIGHTS)
        assert await models(uri) == (f"triton:rules:{version}:rules@{version}", 4)
    assert {model for model, _ in counts} == {"triton:rules:1:rules@1", "triton:rules:2:rules@2"}
    assert len(counts) == 4  # the sentence was tagged, and its correction, once by each version

    promotion.rollback(folder, server)
    checker = Checker(engine, Settings())
    assert (await models(of_second))[0] == "triton:rules:1:rules@1"  # it takes its place, under its own name
    assert changes[0][1]
    assert changes[0][0].endswith("; 1 of 2 go on.")
    await engine.close()
    assert counts[-1] == "flushed"


@pytest.mark.triton
async def test_no_version_answers(triton):
    arms = {version: TritonEngine(triton.grpc, "rules", version) for version in ("7", "8")}
    engine = SplitEngine(arms, {"7": 1, "8": 1}, None, print)
    with pytest.raises((ModelError, EngineUnavailable), match="version 7"):
        await engine.start()
    DOCUMENT.set("file:///a")
    with pytest.raises((ModelError, EngineUnavailable), match=r"version [78]"):
        await engine.tag([["go"]], 0.0)
    await engine.close()
