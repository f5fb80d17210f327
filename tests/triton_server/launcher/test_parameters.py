"""Which parameters models take, of the repository that comes with Grammared and of one's own."""

import pytest

from triton_server.launcher import repository
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.parameters import check, known_parameters


def config(name):
    return repository.read(repository.SHIPPED, name)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("gector_distilbert", {"min_error_prob": "0.3", "keep_confidence": "-0.1", "threads": "2"}),
        ("gector_roberta", {"model": "a/b", "revision": "main", "dtype": "bf16", "offline": "true"}),
        ("ner_bert", {"default_aggregation": "simple", "trust_remote_code": "false", "cache": "/tmp"}),
        ("grammar_coedit", {"default_max_new_tokens": "20", "default_temperature": "0.5"}),
        ("grammar_pipeline", {"tagger": "gector_roberta", "tagger_version": "2"}),
    ],
)
def test_what_a_model_takes(name, parameters):
    check(config(name), parameters)


@pytest.mark.parametrize(
    ("name", "parameter", "value", "said"),
    [
        ("gector_distilbert", "nonsense", "5", "gector_distilbert has no parameter nonsense; it takes "),
        ("gector_distilbert", "min_eror_prob", "0.3", "did you mean min_error_prob?"),
        ("gector_distilbert", "min_error_prob", "abc", "must be a number between 0 and 1, not 'abc'"),
        ("gector_distilbert", "min_error_prob", "1.5", "must be a number between 0 and 1, not '1.5'"),
        ("gector_distilbert", "keep_confidence", "nan", "must be a number between -1 and 1, not 'nan'"),
        ("gector_distilbert", "threads", "-1", "must be a whole number, 0 or more"),
        ("gector_roberta", "dtype", "fp8", "must be one of fp32, fp16, bf16, int8"),
        ("ner_bert", "offline", "maybe", "must be true or false"),
        ("ner_bert", "default_nothing", "1", "has no parameter default_nothing"),
        ("ner_bert", "min_error_prob", "0.3", "has no parameter min_error_prob"),
        (
            "grammar_coedit",
            "default_max_new_tokens",
            "many",
            "parameter default_max_new_tokens cannot be that",
        ),
        ("grammar_pipeline", "tagger_version", "new", "must be the number of a version"),
        ("ner_bert", "task", "other", "has no parameter task"),
    ],
)
def test_what_it_does_not_take(name, parameter, value, said):
    with pytest.raises(LauncherError) as refused:
        check(config(name), {parameter: value})
    assert said in str(refused.value)


def test_a_model_of_ones_own_takes_what_its_configuration_has():
    own = repository.parse('name: "mine"\nparameters { key: "colour" value { string_value: "red" } }')
    assert known_parameters(own) == {"colour"}
    check(own, {"colour": "anything at all"})
