"""``flowkit configure NAME`` of plugins: questions, options, and the file."""

from __future__ import annotations

import json
import stat
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from support.distributions import Site
from support.project import Project
from support.terminal import Terminal

PLUGIN = """
def load():
    import os

    from flowkit.plugin import ConfigurationError, Found, Question, configure_command

    def far(value):
        if not value.startswith("far://"):
            raise ConfigurationError(f"{value} isn't far://…")

    def found():
        value = os.environ.get("FAR_REGION")
        return Found(value, "FAR_REGION") if value else None

    return configure_command(
        "far",
        "Store artifacts far away.",
        [
            Question("DATASTORE_SYSROOT_FAR", "--datastore-root", "Where artifacts go", required=True, check=far),
            Question("FAR_REGION", "--region", "Region", find=found),
            Question("FAR_MODE", "--mode", "Mode (fast, safe)", choices=("fast", "safe")),
            Question("FAR_TOKEN", "--token", "Token", is_secret=True),
            Question("FAR_ENDPOINT", "--endpoint", "Endpoint", by_option_only=True),
        ],
        "far",
    )

@hookimpl
def flowkit_commands():
    yield Provider("far", load, help="Store artifacts far away", scope="configure")
"""


@pytest.fixture
def project(project: Project, site: Site) -> Project:
    site.plugin("far", PLUGIN)
    project.environment["PYTHONPATH"] = str(site.folder)
    return project


def user_file(project: Project, name: str = "config.json") -> Path:
    return project.home / ".flowkitconfig" / name


def values(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_every_answer_is_an_option(project: Project) -> None:
    done = project.flowkit(
        "configure", "far", "--datastore-root", "far://a", "--region", "north", "--mode", "safe", "--token", "s3cr3t",
        "--endpoint", "http://x", check=True,
    )  # fmt: skip
    assert values(user_file(project)) == {
        "FLOWKIT_DATASTORE_SYSROOT_FAR": "far://a",
        "FLOWKIT_DEFAULT_DATASTORE": "far",
        "FLOWKIT_FAR_ENDPOINT": "http://x",
        "FLOWKIT_FAR_MODE": "safe",
        "FLOWKIT_FAR_REGION": "north",
        "FLOWKIT_FAR_TOKEN": "s3cr3t",
    }
    assert stat.S_IMODE(user_file(project).stat().st_mode) == 0o600
    assert "FLOWKIT_FAR_MODE=safe" in done.stdout
    assert "FLOWKIT_FAR_TOKEN=********" in done.stdout
    assert "s3cr3t" not in done.stdout + done.stderr
    assert str(user_file(project)) in done.stderr
    assert "flowkit status --check" in done.stderr


def test_what_is_not_given_stays_or_is_found(project: Project) -> None:
    project.flowkit("configure", "far", "--datastore-root", "far://a", "--mode", "fast", check=True)
    done = project.flowkit("configure", "far", "--yes", "--no-default", check=True, env={"FAR_REGION": "south"})
    assert "--region south: from FAR_REGION" in done.stderr
    assert values(user_file(project))["FLOWKIT_FAR_REGION"] == "south"
    assert values(user_file(project))["FLOWKIT_FAR_MODE"] == "fast"
    project.flowkit("configure", "far", "--mode", "safe", check=True, env={"FAR_REGION": "west"})
    assert values(user_file(project))["FLOWKIT_FAR_REGION"] == "south"


def test_other_settings_stay_and_the_datastore_is_the_default_unless_refused(project: Project) -> None:
    project.write("a.json", '{"MAX_WORKERS": 3}')
    project.flowkit("configure", "import", "a.json", check=True)
    project.flowkit("configure", "far", "--datastore-root", "far://a", "--no-default", check=True)
    assert values(user_file(project)) == {"FLOWKIT_DATASTORE_SYSROOT_FAR": "far://a", "FLOWKIT_MAX_WORKERS": 3}


def test_a_profile_and_a_project(project: Project) -> None:
    project.flowkit("configure", "far", "--datastore-root", "far://a", "-p", "prod", check=True)
    assert values(user_file(project, "config_prod.json"))["FLOWKIT_DATASTORE_SYSROOT_FAR"] == "far://a"
    assert not user_file(project).exists()
    project.flowkit("configure", "far", "--datastore-root", "far://b", "--project", check=True)
    assert values(project.store / "config.json")["FLOWKIT_DATASTORE_SYSROOT_FAR"] == "far://b"


def test_what_is_wrong_is_told_and_nothing_written(project: Project) -> None:
    for arguments, message in (
        ((), "give --datastore-root: Where artifacts go"),
        (("--datastore-root", "near"), "near isn't far://…"),
        (("--datastore-root", "far://a", "--mode", "slow"), "'slow' is not one of 'fast', 'safe'"),
    ):
        done = project.flowkit("configure", "far", *arguments)
        assert done.returncode == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr
    assert not user_file(project).exists()


def test_it_asks_in_a_terminal(project: Project) -> None:
    """Enter takes what is shown; a wrong answer is asked for again; a secret isn't shown."""
    program = str(Path(sysconfig.get_path("scripts")) / "flowkit")
    env = project.variables({"FAR_REGION": "south"})
    with Terminal([program, "configure", "far"], cwd=project.path, env=env) as terminal:
        for prompt, keys in (
            ("Where artifacts go: ", "near\n"),
            ("near isn't far://…", ""),
            (lambda output: output.count("Where artifacts go: ") == 2, "far://a\n"),
            ("Region [south, from FAR_REGION]: ", "\n"),
            ("Mode (fast, safe) [none]: ", "fast\n"),
            ("Token [none]: ", "hidden\n"),
            ("flowkit status --check proves it", ""),
        ):
            terminal.read_until(prompt)
            terminal.type(keys)
        assert terminal.wait() == 0
        assert "hidden" not in terminal.output
    assert values(user_file(project)) == {
        "FLOWKIT_DATASTORE_SYSROOT_FAR": "far://a",
        "FLOWKIT_DEFAULT_DATASTORE": "far",
        "FLOWKIT_FAR_MODE": "fast",
        "FLOWKIT_FAR_REGION": "south",
        "FLOWKIT_FAR_TOKEN": "hidden",
    }


def test_plugins_commands_are_listed_beside_the_core_s(project: Project) -> None:
    text = project.flowkit("configure", "--help", check=True).stdout
    assert "far     Store artifacts far away" in text
    assert "show  " in text
    done = project.flowkit("configure", "fax")
    assert done.returncode == 2
    assert "did you mean 'far'?" in done.stderr
    cloud = project.flowkit("configure", "aws", env={"FLOWKIT_PLUGINS": "far"})
    assert "flowkit-aws" in cloud.stderr
