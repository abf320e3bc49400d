from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from flowkit.errors import ConfigurationError
from flowkit.settings import SETTINGS, Settings, check_values, project_file, user_file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "configuration"
    folder.mkdir()
    return folder


def write(folder: Path, name: str = "config.json", **values: object) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(values))


def load(home: Path, cwd: Path | None = None, **environment: str) -> Settings:
    return Settings.load({"FLOWKIT_HOME": str(home), **environment}, cwd or home)


def test_the_environment_comes_before_the_project_the_user_and_the_default(home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    inner = project / "a" / "b"
    inner.mkdir(parents=True)
    settings = load(home, inner)
    assert (settings.max_workers, settings.source("MAX_WORKERS")) == (16, "default")
    write(home, MAX_WORKERS=3)
    settings = load(home, inner)
    assert (settings.max_workers, settings.source("max_workers")) == (3, f"file {home}/config.json")
    write(project / ".flowkit", FLOWKIT_MAX_WORKERS="4")
    settings = load(home, inner)
    assert (settings.max_workers, settings.source("MAX_WORKERS")) == (4, f"file {project}/.flowkit/config.json")
    settings = load(home, inner, FLOWKIT_MAX_WORKERS="5")
    assert (settings.max_workers, settings.source("FLOWKIT_MAX_WORKERS")) == (
        5,
        "environment variable FLOWKIT_MAX_WORKERS",
    )
    assert load(home, inner, FLOWKIT_MAX_WORKERS="").max_workers == 4


def test_a_setting_has_its_name_of_old(home: Path) -> None:
    assert load(home).datastore == "local"
    assert load(home, FLOWKIT_DEFAULT_DATASTORE="s3").datastore == "s3"
    settings = load(home, FLOWKIT_DATASTORE="gs")
    assert settings.datastore == settings.get("DATASTORE") == "gs"
    assert settings.source("DEFAULT_DATASTORE") == "environment variable FLOWKIT_DATASTORE"
    write(home, DEFAULT_METADATA="service")
    assert load(home).metadata == "service"


def test_a_profile_has_a_file_of_its_own(home: Path) -> None:
    write(home, MAX_WORKERS=1)
    write(home, "config_prod.json", MAX_WORKERS=2)
    assert load(home).profile is None
    settings = load(home, FLOWKIT_PROFILE="prod")
    assert (settings.profile, settings.max_workers) == ("prod", 2)
    with pytest.raises(ConfigurationError, match=r"there is no .*config_gone.json"):
        load(home, FLOWKIT_PROFILE="gone")


def test_a_project_can_choose_the_profile(home: Path) -> None:
    write(home, "config_prod.json", MAX_WORKERS=2)
    write(home / ".flowkit", PROFILE="prod")
    assert load(home).max_workers == 2


@pytest.mark.parametrize(("content", "text"), [("{", "isn't valid JSON"), ("[1]", "one JSON object")])
def test_a_file_that_cannot_be_read_is_named(home: Path, content: str, text: str) -> None:
    (home / "config.json").write_text(content)
    with pytest.raises(ConfigurationError, match=f"{home}/config.json .*{text}"):
        load(home)


def test_a_file_in_the_place_of_the_folder_is_no_configuration(home: Path) -> None:
    (home / "file").write_text("")
    assert load(home / "file", home).max_workers == 16


def test_names_that_are_not_in_the_table_are_found_too(home: Path) -> None:
    write(home, DATASTORE_SYSROOT_S3="s3://bucket", cards={"a": [1]}, NEW=False, LIST=["a", "b"])
    settings = load(home)
    assert settings.datastore_root("s3") == "s3://bucket"
    assert settings.datastore_root("my-store") is None
    assert settings.get("CARDS") == '{"a": [1]}'
    assert settings.get("NEW") == "false"
    assert settings.get("LIST") == "a b"
    assert settings.get("NOTHING") is None
    assert settings.source("NOTHING") == "default"


@pytest.mark.parametrize(
    ("name", "value", "attribute"),
    [
        ("MAX_WORKERS", "many", "max_workers"),
        ("MAX_WORKERS", "0", "max_workers"),
        ("FSYNC", "perhaps", "fsync"),
        ("TASK_START", "jump", "task_start"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_with_its_source(
    home: Path, name: str, value: str, attribute: str
) -> None:
    settings = load(home, **{f"FLOWKIT_{name}": value})
    with pytest.raises(ConfigurationError, match=rf"FLOWKIT_{name} must be .*{value}.*environment variable"):
        getattr(settings, attribute)


def test_switches_and_lists(home: Path) -> None:
    assert load(home).fsync is False
    assert load(home, FLOWKIT_FSYNC="Yes").fsync is True
    write(home, FSYNC=True, NO_PLUGIN=["a", "b c"], DEFAULT_DECOSPECS=['environment:vars={"a": 1}', "retry"])
    settings = load(home)
    assert settings.fsync is True
    assert settings.plugins_blocked == ("a", "b c")
    assert settings.default_decospecs == ('environment:vars={"a": 1}', "retry")
    settings = load(home, FLOWKIT_NO_PLUGIN="x,y z", FLOWKIT_DEFAULT_DECOSPECS="retry:times=1,a=2 catch")
    assert settings.plugins_blocked == ("x", "y", "z")
    assert settings.default_decospecs == ("retry:times=1,a=2", "catch")
    assert settings.plugins_allowed is None
    assert load(home, FLOWKIT_PLUGINS="a").plugins_allowed == ("a",)


# --- who and where -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"FLOWKIT_USER": "ann", "USER": "bob"}, "ann"),
        ({"USER": "bob", "LOGNAME": "x"}, "bob"),
        ({"USER": "root", "SUDO_USER": "ann"}, "ann"),
        ({"USER": "root", "LOGNAME": "ann"}, "ann"),
        ({"USER": "root"}, "root"),
        ({"USERNAME": "win"}, "win"),
    ],
)
def test_who_runs_flows(home: Path, environment: dict[str, str], name: str) -> None:
    assert load(home, **environment).username == name


def test_who_runs_flows_where_the_environment_does_not_say(home: Path) -> None:
    import pwd

    assert load(home).username == pwd.getpwuid(os.getuid()).pw_name


def test_the_local_root_is_the_nearest_one_upwards(home: Path, tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load(home, inner).local_root() == inner / ".flowkit"
    (tmp_path / "a" / ".flowkit").write_text("a file is none")
    (tmp_path / ".flowkit").mkdir()
    settings = load(home, inner)
    assert settings.local_root() == tmp_path / ".flowkit"
    assert settings.datastore_root("local") == str(tmp_path / ".flowkit")
    chosen = load(home, inner, FLOWKIT_DATASTORE_SYSROOT_LOCAL="elsewhere")
    assert chosen.local_root() == inner / "elsewhere" / ".flowkit"
    assert load(home, inner, FLOWKIT_DATASTORE_SYSROOT_LOCAL=str(home)).local_root() == home / ".flowkit"


def test_settings_are_as_they_were_when_loaded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_MAX_WORKERS", "2")
    settings = Settings.load()
    monkeypatch.setenv("FLOWKIT_MAX_WORKERS", "3")
    assert settings.max_workers == 2
    assert Settings.load().max_workers == 3


def test_every_default_is_valid(home: Path) -> None:
    settings = load(home)
    for name, setting in SETTINGS.items():
        assert setting.help.endswith(".")
        assert name == name.upper() == setting.name
    assert (settings.task_start, settings.metadata, settings.namespace) == ("auto", "local", None)
    assert "{folder}" in settings.plugin_install
    assert settings.default_decospecs == ()


# --- files and names -----------------------------------------------------------------------------------------------


def test_which_files_were_looked_for_and_all_that_is_set(home: Path, tmp_path: Path) -> None:
    settings = load(home, tmp_path)
    assert settings.files == (home / "config.json",)
    write(tmp_path / ".flowkit", DATASTORE="s3", X=[1])
    write(home, "config_p.json", DEFAULT_DATASTORE="gs", FSYNC=False)
    settings = load(home, tmp_path, FLOWKIT_PROFILE="p", FLOWKIT_EMPTY="")
    assert settings.files == (tmp_path / ".flowkit" / "config.json", home / "config_p.json")
    assert settings.values() == {
        "DEFAULT_DATASTORE": "s3",
        "FSYNC": False,
        "HOME": str(home),
        "PROFILE": "p",
        "X": [1],
    }


@pytest.mark.parametrize("name", ["../x", "a/b", "a b"])
def test_a_profile_s_name_is_part_of_a_file_s_name(home: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="can't be a profile's name"):
        load(home, FLOWKIT_PROFILE=name)


def test_where_the_files_of_users_and_projects_are(tmp_path: Path) -> None:
    assert user_file(tmp_path, None) == tmp_path / "config.json"
    assert user_file(tmp_path, "p") == tmp_path / "config_p.json"
    inner = tmp_path / "a"
    inner.mkdir()
    assert project_file(inner) == inner / ".flowkit" / "config.json"
    (tmp_path / ".flowkit").mkdir()
    assert project_file(inner) == tmp_path / ".flowkit" / "config.json"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"MAX_WORKERS": 0}, r"FLOWKIT_MAX_WORKERS must be a whole number from 1 up, and is 0 \(here\)"),
        ({"flowkit_task_start": "x"}, "FLOWKIT_TASK_START must be one of auto, fork, spawn"),
        ({"FSYNC": 2}, "FLOWKIT_FSYNC must be true or false"),
        ({"DATASTORE": ["a"]}, "FLOWKIT_DEFAULT_DATASTORE must be text"),
        ({"SERIALIZERS": "x"}, "FLOWKIT_SERIALIZERS must be of the form TYPE=NAME"),
    ],
)
def test_values_are_checked_before_they_are_written(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        check_values(values, "here")
    check_values(
        {"MAX_WORKERS": "3", "TASK_START": None, "FSYNC": "", "OTHER": {}, "SERIALIZERS": ["a.B=json"]}, "here"
    )


def test_which_serializers_are_chosen(home: Path) -> None:
    assert load(home).serializers == {}
    assert load(home, FLOWKIT_SERIALIZERS="a.B=json, c.D=parquet").serializers == {"a.B": "json", "c.D": "parquet"}
    for wrong in ("a.B", "=json", "a.B="):
        with pytest.raises(ConfigurationError, match="must be of the form TYPE=NAME"):
            _ = load(home, FLOWKIT_SERIALIZERS=wrong).serializers


# HOME and PROFILE say which files are read, and are tested above.
@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"HOME", "PROFILE"}))
def test_each_setting_is_read_from_environment_project_and_user(home: Path, tmp_path: Path, name: str) -> None:
    setting = SETTINGS[name]
    first, second = {"integer": ("7", "8"), "switch": ("true", "false")}.get(setting.type, ("one", "two"))
    first, second = setting.choices[:2] or (first, second)
    write(home, **{name: first})
    assert load(home, tmp_path).get(name) == first
    write(tmp_path / ".flowkit", **{f"FLOWKIT_{name}": second})
    assert load(home, tmp_path).get(name) == second
    assert load(home, tmp_path, **{f"FLOWKIT_{name}": first}).get(name) == first
