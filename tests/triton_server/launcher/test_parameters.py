"""Parameters of models and of their versions: what is unknown is refused, what is known takes effect."""

import json

import pytest

from tests.triton_server.conftest import NEW_PORTS
from triton_server import launcher
from triton_server.backend import parameters
from triton_server.backend.tasks.source import LoadError
from triton_server.gector.types import Decoding
from triton_server.launcher import http, repository

GECTOR = {"model": "", "threads": "0", "min_error_prob": "", "task": "gector", "offline": "false"}
LABELS = {"task": "text-classification", "model": "owner/model", "dtype": "fp32"}


@pytest.mark.parametrize(
    ("declared", "given", "complaint"),
    [
        (
            GECTOR,
            {"nonsense": "5"},
            "there is no parameter nonsense; there are keep_confidence, m",
        ),
        (
            GECTOR,
            {"min_eror_prob": "0.3"},
            "there is no parameter min_eror_prob; did you mean min_error_prob? There are keep_confidence, m",
        ),
        (GECTOR, {"min_error_prob": "abc"}, "min_error_prob is 'abc'; it must be a number from 0 to 1"),
        (GECTOR, {"min_error_prob": "1.5"}, "min_error_prob is '1.5'; it must be a number from 0 to 1"),
        (GECTOR, {"min_error_prob": "nan"}, "min_error_prob is 'nan'; it must be a number from 0 to 1"),
        (GECTOR, {"max_passes": "2.5"}, "max_passes is '2.5'; it must be a whole number from 1 to 20"),
        (GECTOR, {"threads": "-1"}, "threads is '-1'; it must be a whole number, 0 or more"),
        (GECTOR, {"offline": "maybe"}, "offline must be true or false, not maybe"),
        (LABELS, {"dtype": "fp4"}, "dtype fp4 is none of fp32, fp16, bf16, int8"),
        (LABELS, {"default_top_k": "many"}, "default_top_k takes INT32, not 'many'"),
        (
            LABELS,
            {"min_error_prob": "0.3"},
            "there is no parameter min_error_prob; there are default_top_k, dtype",
        ),
        (LABELS, {"task": "gector"}, "there is no parameter task; there are default_top_k, dtype, model"),
    ],
)
def test_what_is_unknown_or_impossible_is_refused(declared, given, complaint):
    with pytest.raises(LoadError) as raised:
        parameters.check(given, declared, of_version=True)
    assert str(raised.value).startswith(complaint)


def test_what_is_possible_is_taken():
    parameters.check({"min_error_prob": "0.3", "max_passes": "", "threads": "2"}, GECTOR)
    parameters.check({"default_top_k": "3", "dtype": "bf16"}, LABELS, of_version=True)
    own = {"min_error_prob": "0.3", "max_passes": "2", "keep_confidence": ""}
    assert parameters.with_thresholds(Decoding(0.1, 0.2, 5), own) == Decoding(0.1, 0.3, 2)


@pytest.mark.triton
def test_a_version_has_thresholds_of_its_own(cli):
    name = repository.DEFAULT_MODEL
    code, _, err = cli("start", f"--parameter={name}.nonsense=1", *NEW_PORTS)
    assert (code, err.splitlines()[-1]) == (
        2,
        f"grammared: {name}: there is no parameter nonsense; there are keep_confidence, "
        "max_passes, min_error_prob, model, threads",
    )
    code, _, err = cli("start", *NEW_PORTS)
    assert code == 0, err
    for wrong in ("nonsense=5", "min_error_prob=abc", "task=gector"):
        code, out, err = cli("promote", name, f"--parameter={wrong}")
        assert (code, out) == (2, "")
        assert err.startswith(f"grammared: {name}: ") and err.count("\n") == 1
    # Nothing is as sure as that, so nothing is corrected any more: somebody must mean it.
    silent = ("promote", name, "--parameter=min_error_prob=1", "--parameter=max_passes=1")
    code, out, err = cli(*silent)
    assert (code, out) == (2, ""), err
    assert err.endswith(
        "% of 30 sentences otherwise than version 1, more than 50%: is the change of min_error_prob and "
        "max_passes meant? --force promotes it all the same (version 1 still serves)\n"
    )
    code, out, err = cli(*silent, "--force")
    assert (code, out.splitlines()[:1]) == (0, [f"{name} serves versions 1, 2; 2 is the default"]), err

    home = cli.home
    server = launcher.find(launcher.Places(home / "data", home / "state", home / "cache"))
    text = {"inputs": [{"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": ["She go to school."]}]}

    def answer(version):
        answered = http.call(server.http, f"/v2/models/{name}/versions/{version}/infer", text)
        outputs = {one["name"]: one["data"][0] for one in answered["outputs"]}
        return outputs["corrected_text"], json.loads(outputs["model"])

    first, second = answer(1), answer(2)
    assert (first[0], second[0]) == ("She goes to school.", "She go to school.")
    assert second[1]["identity"] == f"{first[1]['identity']}+min_error_prob=1+max_passes=1"
    assert {one["min_error_prob"] for one in second[1]["decodings"].values()} == {1.0}
    assert {one["max_passes"] for one in second[1]["decodings"].values()} == {1}
    assert "+min_error_prob=1+max_passes=1" in cli("versions", name)[1]
    # By hand, and with what cannot be: it is refused before it is loaded.
    own = home / "data" / "model_repository" / name / "2" / "parameters.json"
    own.write_text(json.dumps({"min_error_prob": "2"}))
    cli("rollback", name)
    code, _, err = cli("promote", name, "2")
    assert (code, "min_error_prob is '2'; it must be a number from 0 to 1" in err) == (2, True)
