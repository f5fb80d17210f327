"""From what editors send to settings."""

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.settings import Settings, TritonSettings, nearest, settings_from_options
from lsp_server.settings.options import options_of
from lsp_server.settings.reference import reference_markdown
from lsp_server.settings.settings import Parts, Strings

ROOT = Path(__file__).parents[3]


def test_nothing_sent_means_the_defaults():
    for nothing in (None, {}, {"grammared": None}, {"triton": None, "strictness": None}):
        assert settings_from_options(nothing, "editor") == (Settings(), [])


def test_a_neovim_table_becomes_settings():
    sent = {
        "engine": "triton",
        "triton": {"url": "10.0.0.7:8001", "deadline": 2, "version": "3"},
        "minErrorProb": 0.5,
        "debounce": 400.0,  # Lua has one kind of number
        "severity": "hint",
    }
    settings, problems = settings_from_options(sent, "initializationOptions")
    assert problems == []
    assert settings == Settings(
        engine="triton",
        triton=TritonSettings(url="10.0.0.7:8001", deadline=2.0, version="3"),
        min_error_prob=0.5,
        debounce=400,
        severity="hint",
    )
    assert type(settings.debounce) is int and type(settings.triton.deadline) is float


def test_the_section_of_a_configuration_is_unwrapped():
    settings, problems = settings_from_options({"grammared": {"strictness": "low"}}, "editor")
    assert (settings.strictness, problems) == ("low", [])


def test_later_options_change_only_what_they_name():
    base, _ = settings_from_options({"triton": {"url": "a:1", "retries": 3}, "fallback": False}, "flags")
    settings, _ = settings_from_options({"triton": {"retries": 0}}, "editor", base)
    assert settings == dataclasses.replace(base, triton=dataclasses.replace(base.triton, retries=0))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], "editor: the settings must be an object, not []"),
        ("low", 'editor: the settings must be an object, not "low"'),
        ({"triton": "a:1"}, 'editor: triton must be an object, not "a:1"'),
        ({"min_error_prob": 1}, 'editor: unknown setting "min_error_prob"; did you mean "minErrorProb"?'),
        ({"triton": {"Url": "a:1"}}, 'editor: unknown setting "triton.Url"; did you mean "triton.url"?'),
        ({"dictionary": []}, 'editor: unknown setting "dictionary"; did you mean "dictionaries"?'),
        ({"speed": 1}, 'editor: unknown setting "speed"'),
        ({"words": "kubectl"}, 'editor: words must be a list of strings, not "kubectl"; it stays unset'),
        ({"words": [1]}, "editor: words must be a list of strings, not [1]; it stays unset"),
        ({"kinds": {"artcle": "off"}}, 'editor: unknown kind "artcle" in kinds; did you mean "article"?'),
        (
            {"kinds": {"article": "of"}},
            'editor: kinds.article must be one of "error", "warning", "information", "hint", "off", '
            'not "of"; it is left out',
        ),
        (
            {"strictness": "hihg"},
            'editor: strictness must be one of "low", "normal", "high", not "hihg"; it stays "normal"',
        ),
        (
            {"strictness": ["low"]},
            'editor: strictness must be one of "low", "normal", "high", not ["low"]; it stays "normal"',
        ),
        ({"fallback": "false"}, 'editor: fallback must be true or false, not "false"; it stays true'),
        ({"threads": True}, "editor: threads must be a whole number from 1 to 256, not true; it stays unset"),
        ({"debounce": 0.5}, "editor: debounce must be a whole number from 0 to 60000, not 0.5; it stays 150"),
        ({"maxPasses": 6}, "editor: maxPasses must be a whole number from 1 to 5, not 6; it stays 5"),
        (
            {"keepConfidence": float("nan")},
            "editor: keepConfidence must be a number from 0 to 1, not NaN; it stays unset",
        ),
        (
            {"model": {"path": "x" * 99}},
            f'editor: model must be a string, not {{"path": "{"x" * 47}...; it stays unset',
        ),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_counts(options, problem):
    assert settings_from_options(options, "editor") == (Settings(), [problem])
    if isinstance(options, dict):
        settings, problems = settings_from_options({**options, "severity": "error"}, "editor")
        assert settings == Settings(severity="error")
        assert problems == [problem]


texts = st.text(st.characters(exclude_categories=[]))
names = st.sampled_from(list(options_of(Settings))) | texts
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(names, inner),
    max_leaves=10,
)


@given(json_values)
def test_no_json_value_raises_or_leaves_a_setting_without_its_type(options):
    settings, problems = settings_from_options(options, "editor")
    assert all(re.fullmatch("editor: .+", problem) for problem in problems)
    "".join(problems).encode()
    assert settings_from_options(_wire(settings), "again") == (settings, [])


def _wire(settings):
    """Settings as an editor would send them."""
    values = {
        name: getattr(settings, option.attribute) for name, option in options_of(type(settings)).items()
    }
    return {
        name: _wire(value)
        if dataclasses.is_dataclass(value)
        else list(value)
        if options_of(type(settings))[name].type in (Strings, Parts)
        else dict(value)
        if isinstance(value, tuple)
        else value
        for name, value in values.items()
    }


@pytest.mark.parametrize("url", [["a:1", "b:2"], "a:1,b:2", " a:1 , b:2", ["a:1", " b:2"]])
def test_several_addresses_as_a_list_or_one_string(url):
    settings, problems = settings_from_options({"triton": {"url": url}}, "editor")
    assert (settings.triton.url, problems) == ("a:1,b:2", [])


@pytest.mark.parametrize("url", ["[::1]:8001", "gpu_1.example.org:1", ["10.0.0.7:65535"]])
def test_what_is_an_address(url):
    assert settings_from_options({"triton": {"url": url}}, "editor")[1] == []


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://localhost:8001",
            "localhost",
            "localhost:",
            ":8001",
            "a:0",
            "a:65536",
            "::1:8001",
            "a:1/v2",
        ),
        *("", "a:1,", ["a:1,b:2"], ["a:1", "grpc://b:2"], "a b:1", []),
    ],
)
def test_what_is_no_address(url):
    settings, problems = settings_from_options({"triton": {"url": url}}, "editor")
    assert settings == Settings()
    expected = "editor: triton.url must be HOST:PORT (without http://), or a list of these, not "
    assert [problem.startswith(expected) for problem in problems] == [True]


@pytest.mark.parametrize("version", ["2", 2, 2.0])
def test_a_version_as_text_or_number(version):
    settings, problems = settings_from_options({"triton": {"version": version}}, "editor")
    assert (settings.triton.version, problems) == ("2", [])


@pytest.mark.parametrize("version", ["a", "0", 0, -1, "1.5", True, "9" * 30, "²"])
def test_what_is_no_version(version):
    settings, problems = settings_from_options({"triton": {"version": version}}, "editor")
    assert settings == Settings()
    assert problems[0].startswith("editor: triton.version must be the number of a version, or empty, not ")


@pytest.mark.parametrize(
    "versions",
    [
        [],
        {"1": 0},
        {"1": -1},
        {"1": "a"},
        {"1": float("inf")},
        "1",
        {"a": 50},
        {"": 50},
        {"1": 1, "latest": 2},
    ],
)
def test_shares_are_positive_numbers_of_versions(versions):
    settings, problems = settings_from_options({"triton": {"versions": versions}}, "editor")
    assert settings == Settings()
    assert problems[0].startswith("editor: triton.versions must be an object with a positive number for each")


def test_a_token_is_never_shown():
    settings, _ = settings_from_options({"triton": {"token": "s3cr3t"}}, "editor")
    assert "s3cr3t" not in repr(settings)
    _, problems = settings_from_options({"triton": {"token": ["s3cr3t"]}}, "editor")
    assert problems == ["editor: triton.token must be a string"]


def _leaves(settings):
    for option in options_of(settings).values():
        yield from _leaves(option.group) if option.group else [(settings, option)]


@pytest.mark.parametrize(
    ("group", "option"), [pytest.param(*leaf, id=leaf[1].name) for leaf in _leaves(Settings)]
)
def test_every_setting_is_described_and_its_example_is_valid_and_no_default(group, option):
    assert option.description.endswith(".")
    assert option.example != option.default
    options = {option.name: option.example}
    settings, problems = settings_from_options(
        {"triton": options} if group is TritonSettings else options, "docs"
    )
    assert problems == []
    holder = settings.triton if group is TritonSettings else settings
    value = getattr(holder, option.attribute)
    # kept in another form
    wire = {
        list: lambda: value.split(",") if isinstance(value, str) else list(value),
        dict: lambda: dict(value),
    }
    assert wire.get(type(option.example), lambda: value)() == option.example


@pytest.mark.parametrize(
    ("mistake", "meant"),
    [
        ("min-error-prob", "minErrorProb"),
        ("sentence_pipeline", "sentencePipeline"),
        ("strict", "strictness"),
        ("xyz", None),
    ],
)
def test_the_nearest_name_is_found_in_any_style(mistake, meant):
    assert nearest(mistake, options_of(Settings)) == meant


def test_the_committed_reference_is_current():
    committed = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert committed == reference_markdown(), "run: grammared settings > docs/settings.md"
