"""The settings of a file: layers, paths, patterns, and what a project may not say."""

import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.settings import Settings, is_included, language_for, settings_for, with_user_file
from lsp_server.settings.options import options_of
from lsp_server.settings.places import HOME, path_of, user_file


@pytest.fixture
def project(tmp_path):
    """A folder that is the top of a repository."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "docs").mkdir()
    return folder


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# --- Layers -------------------------------------------------------------------------------------------------


def test_nested_folders_count_more_than_the_project_and_that_more_than_the_user(project):
    top = write(project / "grammared.toml", 'strictness = "low"\nseverity = "hint"\nwords = ["top"]\n')
    low = write(project / "docs" / "grammared.toml", 'severity = "error"\nwords = ["low"]\n')
    base = Settings(strictness="high", debounce=7, words=("mine",))
    found = settings_for(project / "docs" / "a.md", base)
    settings = found.settings
    assert (settings.strictness, settings.severity, settings.debounce) == ("low", "error", 7)
    assert settings.words == ("mine", "top", "low")
    assert found.problems == ()
    assert found.files == (top, low)
    assert found.origins == {
        "strictness": (str(top),),
        "severity": (str(low),),
        "words": (str(top), str(low)),
    }
    assert settings_for(project / "b.md", base).settings.severity == "hint"


def test_kinds_are_put_together_one_by_one(project):
    write(project / "grammared.toml", '[kinds]\narticle = "off"\nspelling = "error"\n')
    write(project / "docs" / "grammared.toml", '[kinds]\narticle = "hint"\n')
    settings = settings_for(project / "docs" / "a.md", Settings(kinds=(("punctuation", "off"),))).settings
    assert dict(settings.kinds) == {"punctuation": "off", "article": "hint", "spelling": "error"}


def test_a_table_in_pyproject_is_the_same(project):
    write(project / "pyproject.toml", '[project]\nname = "x"\n[tool.grammared]\nstrictness = "low"\n')
    assert settings_for(project / "a.md", Settings()).settings.strictness == "low"
    write(project / "grammared.toml", 'strictness = "high"\n')
    assert settings_for(project / "a.md", Settings()).settings.strictness == "high"


def test_pyproject_without_our_table_is_no_project_file(project):
    write(project / "pyproject.toml", '[project]\nname = "x"\ndescription = "like grammared"\n')
    write(project / "docs" / "pyproject.toml", "this is no [toml")
    found = settings_for(project / "docs" / "a.md", Settings())
    assert (found.files, found.problems) == ((), ())


def test_nothing_above_the_repository_or_a_root_counts(project):
    write(project.parent / "grammared.toml", 'strictness = "low"\n')
    assert settings_for(project / "a.md", Settings()).settings.strictness == "normal"
    write(project / "grammared.toml", 'strictness = "low"\n')
    write(project / "docs" / "grammared.toml", "root = true\n")
    found = settings_for(project / "docs" / "a.md", Settings())
    assert (found.settings.strictness, found.root) == ("normal", project / "docs")


def test_flags_count_more_than_files(project, monkeypatch):
    monkeypatch.chdir(project)
    write(project / "grammared.toml", 'strictness = "low"\nexclude = ["*.txt"]\n')
    found = settings_for(project / "a.md", Settings(), flags={"strictness": "high", "exclude": ["docs/"]})
    assert (found.settings.strictness, found.origins["strictness"]) == ("high", ("command line",))
    assert [is_included(project / name, found.settings) for name in ("a.md", "a.txt", "docs/a.md")] == [
        True,
        False,
        False,
    ]


def test_overrides_for_paths(project):
    write(
        project / "grammared.toml",
        'strictness = "low"\n[[overrides]]\npaths = ["docs/", "*.txt"]\nstrictness = "high"\n'
        '[[overrides]]\npaths = ["!docs/x.md"]\nseverity = "hint"\n[overrides.kinds]\narticle = "off"\n',
    )
    for name, expected in [
        ("a.md", "low"),
        ("a.txt", "high"),
        ("docs/a.md", "high"),
        ("x/docs/a.md", "high"),
    ]:
        assert settings_for(project / name, Settings()).settings.strictness == expected, name


def test_the_users_own_file_may_say_everything(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path))
    assert with_user_file(Settings()).settings == Settings()
    own = write(
        tmp_path / "config" / "grammared.toml", 'engine = "triton"\n[triton]\nurl = "gpu:8001"\nurk = 1\n'
    )
    found = with_user_file(Settings())
    assert (found.settings.engine, found.settings.triton.url) == ("triton", "gpu:8001")
    assert found.files == (own,) == (user_file(),)
    assert found.origins["engine"] == (str(own),)
    assert found.problems == (f'{own}: unknown setting "triton.urk"; did you mean "triton.url"?',)


def test_overrides_of_the_users_own_file(project, tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    own = write(
        user_file(),
        """strictness = "low"
[[overrides]]
paths = ["*.tex", "~/project/docs/"]
severity = "hint"
[[overrides]]
paths = ["*.md"]
engine = "triton"
strictness = "high"
[[overrides]]
severity = "hint"
""",
    )
    base = with_user_file(Settings())
    assert base.problems == ()

    def found(name):
        return settings_for(project / name, base.settings)

    assert found("a.tex").settings.severity == found("docs/a.txt").settings.severity == "hint"
    assert found("a.txt").settings.severity == "warning"
    assert (found("a.md").settings.engine, found("a.md").settings.strictness) == ("local", "high")
    assert found("a.txt").settings.strictness == "low"
    assert found("a.tex").origins["severity"] == (f"{own}: overrides 1",)
    assert found("a.md").problems == (
        f"{own}: overrides 2: engine is the same for all files",
        f"{own}: overrides 3: paths must be a list of patterns, as in .gitignore",
    )
    write(project / "grammared.toml", 'severity = "error"\n')
    assert found("a.tex").settings.severity == "error"


def test_a_changed_file_counts_at_once_and_one_that_has_not_is_not_read(project):
    path = write(project / "grammared.toml", 'strictness = "low"\n')
    first = settings_for(project / "a.md", Settings())
    assert settings_for(project / "a.md", Settings()) is first
    write(path, 'strictness = "high"\n')
    assert settings_for(project / "a.md", Settings()).settings.strictness == "high"
    path.unlink()
    assert settings_for(project / "a.md", Settings()).settings.strictness == "normal"


def test_documents_that_are_on_no_disk_have_the_settings_of_the_workspace(project):
    write(project / "grammared.toml", 'strictness = "low"\n')
    assert settings_for("untitled:1", Settings(), project).settings.strictness == "low"
    assert settings_for("untitled:1", Settings()).settings.strictness == "normal"
    assert settings_for((project / "a b.md").as_uri(), Settings()).settings.strictness == "low"


@pytest.mark.parametrize("uri", ["untitled:1", "git:/a", "file://", "file:", "http://[", "file:///a%00b", ""])
def test_uris_that_name_no_file(uri):
    assert path_of(uri) is None
    assert settings_for(uri, Settings()).settings == Settings()


# --- Mistakes -----------------------------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_and_the_rest_counts(project):
    path = write(
        project / "grammared.toml",
        'min-confidence = 1\nstrictness = "hihg"\nseverity = "hint"\noverride = []\nroot = 1\n'
        '[kinds]\nartcle = "off"\nspelling = "off"\n'
        '[[overrides]]\nstrictness = "low"\n[[overrides]]\npaths = ["x"]\nseverty = "hint"\n',
    )
    found = settings_for(project / "a.md", Settings())
    assert found.settings.severity == "hint" and dict(found.settings.kinds) == {"spelling": "off"}
    assert [problem.removeprefix(f"{path}: ") for problem in found.problems] == [
        "root must be true or false",
        'unknown setting "override"; did you mean "overrides"?',
        'unknown setting "min-confidence"; did you mean "minConfidence"?',
        'strictness must be one of "low", "normal", "high", not "hihg"; it stays "normal"',
        'unknown kind "artcle" in kinds; did you mean "article"?',
        "overrides 1: paths must be a list of patterns, as in .gitignore",
        'overrides 2: unknown setting "severty"; did you mean "severity"?',
    ]
    assert set(found.origins) == {"severity", "kinds"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"strictness = ", "no valid TOML: "),
        (b"\xff\xfe", "no UTF-8 text; nothing of it applies"),
        (b"# " + b"x" * 2_000_000, "too long for settings; nothing of it applies"),
        (b"overrides = 1", "overrides must be tables: [[overrides]]"),
        (b"overrides = [1]", "overrides must be tables: [[overrides]]"),
        (b"[grammared]\nengine = 'triton'", 'unknown setting "grammared"; put its settings at the top'),
        (b"a = " + b"[" * 5000 + b"]" * 5000, ""),
    ],
)
def test_a_file_that_makes_no_sense_is_told_of(project, content, problem):
    path = project / "grammared.toml"
    path.write_bytes(content)
    found = settings_for(project / "a.md", Settings())
    assert len(found.problems) == 1 and found.problems[0].startswith(f"{path}: {problem}")
    assert dataclasses.replace(found.settings, dictionaries=(), ignore_file="") == dataclasses.replace(
        Settings(), ignore_file=""
    )


def test_a_table_that_is_none(project):
    path = write(project / "pyproject.toml", "[tool]\ngrammared = 1\n")
    assert settings_for(project / "a.md", Settings()).problems == (f"{path}: tool.grammared must be a table",)


# --- What a project may not say -----------------------------------------------------------------------------

USER_ONLY = [option for option in options_of(Settings).values() if option.user_only]


def test_what_chooses_where_text_goes_or_what_is_loaded_is_for_the_user_to_say():
    assert {option.name for option in USER_ONLY} == {
        *("engine", "model", "triton", "fallback", "sentencePipeline", "threads", "workspaceDiagnostics"),
    }


@pytest.mark.parametrize("option", USER_ONLY, ids=lambda option: option.name)
@pytest.mark.parametrize("place", ["top", "override", "pyproject", "nested", "wrapped"])
def test_a_project_cannot_say_it(project, option, place):
    value = '{ url = "evil.example:80", token = "x" }' if option.group else None
    value = value or ("false" if option.type is bool else "3" if option.name == "threads" else '"triton"')
    said = f"{option.name} = {value}\n"
    write(project / "grammared.toml", {
        "top": said,
        "override": f'[[overrides]]\npaths = ["*"]\n{said}',
        "wrapped": f"[grammared]\n{said}",
    }.get(place, ""))  # fmt: skip
    if place == "pyproject":
        (project / "grammared.toml").unlink()
        write(project / "pyproject.toml", f"[tool.grammared]\n{said}")
    if place == "nested":
        write(project / "docs" / "grammared.toml", said)
    found = settings_for(project / "docs" / "a.md", Settings())
    assert getattr(found.settings, option.attribute) == getattr(Settings(), option.attribute)
    assert len(found.problems) == 1
    assert f"a project cannot set {option.name};" in found.problems[0] or place == "wrapped"


@pytest.fixture
def outside(project):
    write(project.parent / "secret.txt", "secret\n")
    (project / "link.txt").symlink_to(project.parent / "secret.txt")
    (project / "folder").symlink_to(project.parent)
    return project.parent / "secret.txt"


@pytest.mark.parametrize("setting", ["dictionaries", "ignoreFile"])
@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "docs/../../secret.txt",
        "{outside}",
        "~/secret.txt",
        "~root/x",
        "link.txt",
        "folder/secret.txt",
        "C:\\\\secret.txt",
        "\\\\\\\\host\\\\share",
        "C:secret.txt",
    ],
)
def test_no_path_of_a_project_leads_out_of_it(project, outside, setting, name):
    name = name.format(outside=outside)
    value = f'["{name}", "docs/terms.txt"]' if setting == "dictionaries" else f'"{name}"'
    write(project / "grammared.toml", f"{setting} = {value}\n")
    found = settings_for(project / "a.md", Settings())
    named = [*found.settings.dictionaries, found.settings.ignore_file]
    assert all(one.startswith(f"{project}{os.sep}") and "secret" not in one for one in named)
    assert len(found.problems) == 1 and "leads out of the project; it is not read" in found.problems[0]
    if setting == "dictionaries":
        assert str(project / "docs" / "terms.txt") in named


@pytest.mark.parametrize("name", ["dictionary.txt", "ignored.txt"])
def test_the_files_of_a_project_are_no_links_to_elsewhere(project, outside, name):
    (project / ".grammared").mkdir()
    (project / ".grammared" / name).symlink_to(outside)
    found = settings_for(project / "a.md", Settings())
    assert [
        problem.endswith("a link that leads out of the project; it is not read") for problem in found.problems
    ] == [True]
    assert str(project / ".grammared" / name) not in [
        *found.settings.dictionaries,
        found.settings.ignore_file,
    ]


def test_a_project_file_is_no_link_to_elsewhere(project):
    write(project.parent / "theirs.toml", 'strictness = "low"\n')
    (project / "grammared.toml").symlink_to(project.parent / "theirs.toml")
    found = settings_for(project / "a.md", Settings())
    assert (found.settings.strictness, found.files) == ("normal", ())
    assert found.problems == (
        f"{project / 'grammared.toml'}: a link that leads out of the project; it is not read",
    )


def test_a_link_within_the_project_is_fine(project):
    write(project / "docs" / "terms.txt", "kubectl\n")
    (project / "link.txt").symlink_to(project / "docs" / "terms.txt")
    write(project / "docs" / "grammared.toml", 'dictionaries = ["../link.txt"]\n')
    write(project / "grammared.toml", "")
    found = settings_for(project / "docs" / "a.md", Settings())
    assert (found.problems, str(project / "link.txt") in found.settings.dictionaries) == ((), True)


def test_the_user_may_name_files_anywhere(project, outside):
    base = Settings(dictionaries=("~/mine.txt", str(outside), "terms.txt"))
    found = settings_for(project / "a.md", base, project)
    assert found.settings.dictionaries == (
        *(str(project / ".grammared" / "dictionary.txt"), str(Path("~/mine.txt").expanduser()), str(outside)),
        str(project / "terms.txt"),
    )


# --- Roots, patterns, languages -----------------------------------------------------------------------------


def test_the_folder_of_a_project(project, tmp_path):
    def root(path, workspace=None):
        return settings_for(path, Settings(), workspace).root

    stray = tmp_path / "stray" / "deep" / "a.md"
    stray.parent.mkdir(parents=True)
    assert root(stray) is None
    assert root(stray, tmp_path / "stray") == tmp_path / "stray"
    assert root(project / "docs" / "a.md") == project
    (project / "docs" / ".grammared").mkdir()
    assert root(project / "docs" / "a.md") == project / "docs"
    write(project / "grammared.toml", "")
    write(project / "docs" / "grammared.toml", "")
    assert root(project / "docs" / "a.md") == project


@pytest.mark.parametrize(
    ("said", "included", "left_out"),
    [
        ('include = ["docs/"]', ["docs/a.md", "docs/x/a.md"], ["a.md", "docs.md"]),
        ('include = ["*.md"]', ["a.md", "docs/a.md"], ["a.txt"]),
        ('exclude = ["vendor/"]', ["a.md"], ["vendor/a.md", "x/vendor/a.md"]),
        ('exclude = ["/a.md"]', ["docs/a.md"], ["a.md"]),
        ('exclude = ["./a.md"]', ["docs/a.md"], ["a.md"]),
        ('exclude = ["docs/*.md", "!docs/b.md"]', ["docs/b.md", "a.md"], ["docs/a.md"]),
        ('include = ["*.md"]\nexclude = ["docs"]', ["a.md"], ["docs/a.md", "a.txt"]),
        ('exclude = ["!", "/", ""]', ["a.md"], []),
        ('exclude = ["[x", "a.txt"]', ["a.md"], ["a.txt"]),
    ],
)
def test_patterns_are_relative_to_their_file(project, said, included, left_out):
    write(project / "grammared.toml", said)
    for name in included:
        assert settings_for(project / name, Settings()).is_included, name
    for name in left_out:
        assert not settings_for(project / name, Settings()).is_included, name


def test_patterns_of_a_folder_with_a_name_like_a_pattern(tmp_path):
    for name in ("a [x] *", "#b", "!c", "d "):
        write(tmp_path / name / "grammared.toml", 'exclude = ["a.md"]')
        assert not settings_for(tmp_path / name / "a.md", Settings()).is_included
        assert settings_for(tmp_path / name / "b.md", Settings()).is_included


def test_kinds_of_text_by_name(project):
    write(
        project / "grammared.toml",
        '[languages]\n"*.page" = "markdown"\n"docs/*.page" = "html"\nNOTES = "org"\n',
    )
    settings = settings_for(project / "a.page", Settings()).settings
    names = ("a.page", "docs/a.page", "docs/NOTES", "a.md")
    assert [language_for(project / name, settings) for name in names] == ["markdown", "html", "org", None]
    assert language_for(project / "a.md", settings, "NOTES") == "org"
    assert language_for(None, settings, "NOTES") == "org"
    assert language_for(None, settings, "html") is None


# --- Whatever is written there ------------------------------------------------------------------------------

NAMES = st.sampled_from([*options_of(Settings), "overrides", "root", "paths", "grammared"]) | st.text(
    max_size=8
)
VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["../x", "~", "off"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_no_file_raises_or_says_what_it_may_not(tmp_path_factory, options):
    import tomlkit

    folder = tmp_path_factory.mktemp("any")
    try:
        text = tomlkit.dumps(options)
    except (ValueError, TypeError, OverflowError):
        return
    (folder / "grammared.toml").write_bytes(text.encode(errors="replace"))
    found = settings_for(folder / "a.md", Settings())
    for option in USER_ONLY:
        assert getattr(found.settings, option.attribute) == getattr(Settings(), option.attribute)
    for name in [*found.settings.dictionaries, found.settings.ignore_file]:
        assert name.startswith(str(folder))
