"""``flowkit configure``."""

from __future__ import annotations

import json
import stat
import sysconfig
from pathlib import Path

import pytest

from flowkit.cli.config_file import masked, read_file, write_file
from flowkit.errors import ConfigurationError
from support.project import Project
from support.terminal import Terminal


def user_file(project: Project, profile: str = "") -> Path:
    return project.home / ".flowkitconfig" / (f"config_{profile}.json" if profile else "config.json")


def content(path: Path) -> object:
    return json.loads(path.read_text())


def test_import_merges_and_replaces(project: Project) -> None:
    project.write("a.json", '{"max_workers": 3, "FLOWKIT_TASK_START": "spawn", "CARDS": {"b": [1]}}')
    project.flowkit("configure", "import", "a.json", check=True)
    assert content(user_file(project)) == {
        "FLOWKIT_CARDS": {"b": [1]},
        "FLOWKIT_MAX_WORKERS": 3,
        "FLOWKIT_TASK_START": "spawn",
    }
    project.write("b.json", '{"MAX_WORKERS": 4, "TASK_START": ""}')
    project.flowkit("configure", "import", "b.json", check=True)
    assert content(user_file(project)) == {"FLOWKIT_CARDS": {"b": [1]}, "FLOWKIT_MAX_WORKERS": 4}
    project.flowkit("configure", "import", "--replace", "b.json", check=True)
    assert content(user_file(project)) == {"FLOWKIT_MAX_WORKERS": 4}
    assert "tasks at once      4" in project.flowkit("status", check=True).stdout


def test_a_profile_and_the_project_have_files_of_their_own(project: Project) -> None:
    project.write("a.json", '{"MAX_WORKERS": 3}')
    project.flowkit("configure", "import", "--profile", "prod", "a.json", check=True)
    assert not user_file(project).exists()
    assert content(user_file(project, "prod")) == {"FLOWKIT_MAX_WORKERS": 3}
    shown = project.flowkit("configure", "show", env={"FLOWKIT_PROFILE": "prod"}, check=True)
    assert shown.stdout == "FLOWKIT_MAX_WORKERS=3\n"
    assert str(user_file(project, "prod")) in shown.stderr
    (project.path / "inner").mkdir()
    project.flowkit("configure", "import", "--project", "a.json", check=True)
    assert content(project.store / "config.json") == {"FLOWKIT_MAX_WORKERS": 3}
    by_variable = project.flowkit("configure", "show", env={"FLOWKIT_CONFIGURE_SHOW_PROJECT": "1"}, check=True)
    assert by_variable.stdout == "FLOWKIT_MAX_WORKERS=3\n"


def test_what_is_written_is_for_its_owner_only(project: Project) -> None:
    project.write("a.json", "{}")
    user_file(project).parent.mkdir()
    user_file(project).write_text("{}")
    user_file(project).chmod(0o644)
    project.flowkit("configure", "import", "a.json", check=True)
    project.flowkit("configure", "export", "out.json", check=True)
    for path in (user_file(project), project.path / "out.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path.name for path in user_file(project).parent.iterdir()] == ["config.json"]


def test_secrets_are_masked_where_they_are_shown_and_exported_whole(project: Project) -> None:
    values = {
        "SERVICE_AUTH_KEY": "s1",
        "X": {"token": "s2", "plain": 1},
        "URL": "db://u:s3@host/x",
        "MONKEY": "no secret",
    }
    project.write("a.json", json.dumps(values))
    project.flowkit("configure", "import", "a.json", check=True)
    for arguments in (["configure", "show"], ["configure", "show", "--json"], ["status"], ["status", "--json"]):
        shown = project.flowkit(*arguments, check=True).stdout
        assert "no secret" in shown
        assert not [secret for secret in ("s1", "s2", "s3") if secret in shown]
    exported = project.flowkit("configure", "export", "-", check=True).stdout
    assert json.loads(exported) == {f"FLOWKIT_{name}": value for name, value in values.items()}


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("FLOWKIT_SERVICE_AUTH_KEY", True),
        ("api-key", True),
        ("DB_PASSWORD", True),
        ("GITHUB_TOKEN", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("AZURE_CONNECTION_STRING", True),
        ("KEYBOARD", False),
        ("AUTHOR", False),
        ("MAX_WORKERS", False),
    ],
)
def test_which_names_are_of_secrets(name: str, is_secret: bool) -> None:
    assert (masked(name, "value") != "value") is is_secret


def test_exported_and_imported_is_the_same(project: Project) -> None:
    project.write("a.json", '{"MAX_WORKERS": 3, "NO_PLUGIN": ["a", "b"], "X": "ä"}')
    project.flowkit("configure", "import", "a.json", check=True)
    (project.path / "folder").mkdir()
    project.flowkit("configure", "export", "folder", check=True)
    project.flowkit("configure", "import", "-p", "copy", "folder/config.json", check=True)
    assert content(user_file(project, "copy")) == content(user_file(project))


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["import", "gone.json"], 2, "gone.json can't be read: No such file or directory"),
        (["import", "broken.json"], 2, "broken.json isn't valid JSON"),
        (["import", "list.json"], 2, "list.json must be one JSON object, and is list"),
        (
            ["import", "wrong.json"],
            2,
            "FLOWKIT_MAX_WORKERS must be a whole number from 1 up, and is 'many' (wrong.json)",
        ),
        (["import", "-p", "../x", "ok.json"], 2, "'../x' can't be a profile's name"),
        (["import", "-p", "x", "--project", "ok.json"], 2, "--profile and --project can't be given together"),
        (["export", "out.json"], 2, "to export"),
        (["export", "-p", "kept", "ok.json"], 2, "ok.json exists already"),
        (["reset", "-p", "kept"], 2, "give --yes to remove"),
    ],
)
def test_an_error_is_one_line_and_changes_nothing(
    project: Project, arguments: list[str], status: int, message: str
) -> None:
    for name, text in {
        "broken.json": "{",
        "list.json": "[]",
        "wrong.json": '{"FSYNC": true, "MAX_WORKERS": "many"}',
        "ok.json": "{}",
    }.items():
        project.write(name, text)
    user_file(project).parent.mkdir()
    user_file(project, "kept").write_text('{"X": 1}')
    done = project.flowkit("configure", *arguments)
    assert done.returncode == status
    said = [line for line in done.stderr.splitlines() if not line.startswith(("Usage: ", "Try: "))]
    assert len(said) == 1
    assert message in said[0]
    assert {path.name for path in user_file(project).parent.iterdir()} == {"config_kept.json"}
    assert user_file(project, "kept").read_text() == '{"X": 1}'


def test_reset_asks(project: Project) -> None:
    user_file(project).parent.mkdir()
    user_file(project).write_text('{"MAX_WORKERS": 2}')
    project.flowkit("configure", "reset", "--yes", check=True)
    assert not user_file(project).exists()
    assert "nothing to reset" in project.flowkit("configure", "reset", check=True).stderr


@pytest.mark.parametrize(("answer", "status"), [("n", 1), ("y", 0)])
def test_the_answer_counts(project: Project, answer: str, status: int) -> None:
    user_file(project).parent.mkdir()
    user_file(project).write_text("{}")
    program = str(Path(sysconfig.get_path("scripts")) / "flowkit")
    with Terminal([program, "configure", "reset"], cwd=project.path, env=project.variables()) as seen:
        seen.read_until(lambda output: "[y/N]" in output)
        seen.type(f"{answer}\n")
        assert seen.wait() == status
    assert user_file(project).exists() == bool(status)


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"config.json can't be written: "):
        write_file(tmp_path / "file" / "config.json", {})


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("{}")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_file(tmp_path / "link.json", {"X": 1})
    assert (tmp_path / "link.json").is_symlink()
    assert read_file(tmp_path / "real.json") == {"FLOWKIT_X": 1}
