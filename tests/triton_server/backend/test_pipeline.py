"""Raw text to corrected text in one request: the logic without Triton, then the model on a real server."""

import asyncio
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from lsp_server.cli.triton_models import _reload
from tests.conftest import RULES_MODEL, counted, rules_config, unload, write_model
from tests.triton_server.backend.test_gector_backend import Tagger, backend_of, column
from tests.triton_server.backend.test_serving import post
from triton_server.authoring.shipped import PIPELINE
from triton_server.backend.pipeline import Pipeline, hooks_in
from triton_server.backend.requests import BadRequest, Cancelled, Request, TaggerError
from triton_server.backend.tasks.source import LoadError
from triton_server.launcher import http, repository
from triton_server.launcher.errors import LauncherError

SHIPPED = repository.SHIPPED / "grammar_pipeline"


def pipeline_of(tagger, **others):
    backend = backend_of(tagger)

    async def infer(inputs):
        await asyncio.sleep(0)
        [answer] = backend.answer([Request(inputs)])
        if isinstance(answer, Exception):
            raise TaggerError(f"the tagger failed: {answer}")
        return answer

    return Pipeline(infer, **{"hooks": hooks_in(SHIPPED / "hooks.py")} | others)


def ask(pipeline, *texts, **inputs):
    columns = {name: column(rows) for name, rows in inputs.items()}
    return asyncio.run(pipeline.answer(Request({"text": column(texts), **columns})))


def corrected(answer):
    return [row.decode() for (row,) in answer["corrected_text"]]


def test_it_corrects_as_the_tagger_itself_does_with_text():
    texts = ["All is well.  He go there. I saw very an cat.", "He go. " * 70, "Zoë go 😀."]
    answer = ask(pipeline_of(Tagger()), *texts)
    [own] = backend_of(Tagger()).answer([Request({"text": column(texts)})])
    for name in ("corrected_text", "edits", "model"):
        assert np.array_equal(answer[name], own[name])
    assert corrected(answer)[0] == "All is well.  He went there. I saw a cat."


def test_many_sentences_are_asked_for_in_some_requests_of_a_bearable_size():
    tagger = Tagger()
    ask(pipeline_of(tagger), "He go. " * 70)
    assert [len(call) for call in tagger.calls] == [1, 32, 32, 6, 32, 32, 6, 32, 32, 6]


def test_nobody_asks_the_tagger_for_those_who_have_gone():
    tagger = Tagger()
    request = Request({"text": column(["He go. " * 70])}, is_cancelled=lambda: len(tagger.calls) > 3)
    answer = asyncio.run(pipeline_of(tagger).answer(request))
    assert isinstance(answer, Cancelled)
    assert [len(call) for call in tagger.calls] == [1, 32, 32, 6]


HTML = "<h1>A  title</h1><p>He&nbsp;go <b>the</b>re.</p><pre>we go</pre><ul><li>1 &lt; 2<li>I go</ul>"


def test_each_row_goes_through_the_hook_it_names():
    answer = ask(pipeline_of(Tagger()), HTML, "He\u00a0go.", "<b>", prepare=["html", "spaces", ""])
    assert corrected(answer) == ["A title\n\nHe went there.\n\n1 < 2\n\nI went", "He went.", "<b>"]
    assert answer["checked_text"][1, 0] == b"He go."
    [edit] = json.loads(answer["edits"][1, 0])
    assert (edit["start"], edit["end"]) == (3, 5)


def test_a_hook_for_requests_that_name_none():
    assert corrected(ask(pipeline_of(Tagger(), prepare="html"), "<i>I</i> go.")) == ["I went."]


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ({"prepare": ["nope"]}, "prepare is none of html, spaces: nope"),
        ({"strictness": ["odd"]}, "strictness is none of low, normal, high: odd"),
        ({"strictness": ["low", "low"]}, r"strictness must have the shape \[1, 1\], not \[2, 1\]"),
    ],
)
def test_bad_requests(inputs, complaint):
    with pytest.raises(BadRequest, match=complaint):
        raise ask(pipeline_of(Tagger()), "I go.", **inputs)


def test_a_text_must_not_be_empty_but_may_have_nothing_to_read():
    with pytest.raises(BadRequest, match="text of row 1 is empty"):
        raise ask(pipeline_of(Tagger()), "I go.", " ")
    assert corrected(ask(pipeline_of(Tagger()), "<pre>code</pre>", prepare=["html"])) == [""]


def test_what_the_tagger_says_when_it_fails_is_handed_on():
    with pytest.raises(TaggerError, match="the tagger failed: it exploded"):
        raise ask(pipeline_of(Tagger()), "I explode there.")


def test_hooks_that_cannot_be(tmp_path):
    (tmp_path / "hooks.py").write_text("1 / 0")
    with pytest.raises(LoadError, match=r"hooks\.py cannot be run: ZeroDivisionError: division by zero"):
        hooks_in(tmp_path / "hooks.py")
    with pytest.raises(LoadError, match=r"there is no hook nope; hooks\.py has html, spaces"):
        pipeline_of(Tagger(), prepare="nope")


def pipeline_repository(folder, tagger):
    """The shipped pipeline beside the small rules model, asking `tagger`."""
    write_model(folder, rules_config("rules", pause="0.02"), RULES_MODEL)
    shipped = PIPELINE
    parameters = {**shipped.parameters, "tagger": (tagger, "Another.")}
    shutil.copytree(SHIPPED, folder / "grammar_pipeline")
    made = replace(shipped, parameters=parameters).pbtxt()
    (folder / "grammar_pipeline" / "config.pbtxt").write_text(made)
    return folder


@pytest.fixture
def served(start_triton, tmp_path):
    health, _ = start_triton("grammar_pipeline", repository=pipeline_repository(tmp_path / "r", "rules"))
    return health.server


def generate(server, **inputs):
    return post(server, "/v2/models/grammar_pipeline/generate", inputs)


@pytest.mark.triton
def test_one_request_corrects_a_text_and_many_share_the_taggers_batches(served, kill_stub):
    """The tagger was loaded first, because the pipeline's configuration names it."""
    code, answer = generate(served, text="<p>He go. I saw an cat.</p>", prepare="html")
    assert (code, answer["corrected_text"]) == (200, "He goes. I saw a cat.")

    before = counted(served, "rules")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda i: generate(served, text=f"He go {i} times."), range(32)))
    assert [answer["corrected_text"] for _, answer in answers] == [f"He goes {i} times." for i in range(32)]
    after = counted(served, "rules", before["inference_count"] + 2 * 32)  # what was mended is read once more
    inferences, executions = (after[key] - before[key] for key in ("inference_count", "execution_count"))
    assert inferences / executions > 1.5

    _, answer = generate(served, text="They explode.")
    assert answer["error"] == "the tagger rules failed: the model exploded"
    kill_stub(served.pid, "rules")
    _, answer = generate(served, text="He go.")
    assert answer["error"] == "the tagger rules failed: Stub process 'rules_0_0' is not healthy."
    assert _reload(served, "grammar_pipeline", 30) == ""  # of the command `triton test`; its tagger, too
    assert generate(served, text="He go.")[1]["corrected_text"] == "He goes."


@pytest.mark.triton
def test_a_pipeline_without_its_tagger_says_so(served, start_triton, tmp_path):
    folder = pipeline_repository(tmp_path / "r2", "nope")
    with pytest.raises(LauncherError, match="grammar_pipeline asks nope, and there is no such model"):
        start_triton("grammar_pipeline", repository=folder)
    unload(served.http, "rules")
    with pytest.raises(
        http.HttpError, match="the tagger rules is not loaded: load it with grammared triton test"
    ):
        http.probe(served.http, "grammar_pipeline")
