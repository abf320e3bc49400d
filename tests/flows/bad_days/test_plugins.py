"""Plugins that break, collide or are for another version: told where they are needed, harmless where they aren't."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.bad_days import FLOW, assert_told
from support.distributions import Site
from support.project import Project

STORE = """
@hookimpl
def flowkit_datastores():
    yield Provider("blackhole", lambda: exit("loaded"), help="Keeps nothing", api_version={version})
"""


CHOSEN = ("--datastore", "blackhole", "--datastore-root", "x")


@pytest.fixture
def site(project: Project, tmp_path: Path) -> Site:
    project.write("flow.py", FLOW)
    folder = tmp_path / "site"
    folder.mkdir()
    project.environment["PYTHONPATH"] = str(folder)
    return Site(folder)


def test_a_plugin_that_cant_be_imported(project: Project, site: Site) -> None:
    site.plugin("broken", "import no_such_sdk")
    assert project.run("run").returncode == 0
    told = assert_told(project.run("--datastore", "blackhole", "run"), "'blackhole'", "broken", status=2)
    assert "no_such_sdk" in told
    assert "broken" in project.flowkit("plugins", "list", check=True).stdout


def test_a_provider_that_cant_be_loaded(project: Project, site: Site) -> None:
    site.plugin(
        "late",
        """
        def load():
            import no_such_sdk

        @hookimpl
        def flowkit_datastores():
            yield Provider("blackhole", load, help="Keeps nothing")
        """,
    )
    assert project.run("run").returncode == 0
    assert_told(project.run(*CHOSEN, "run"), "'blackhole'", "late", "no_such_sdk")


def test_two_plugins_that_claim_one_name(project: Project, site: Site) -> None:
    for name in ("one", "two"):
        site.plugin(name, STORE.format(version=1))
    assert project.run("run").returncode == 0
    done = project.run(*CHOSEN, "run")
    assert_told(done, "'blackhole'", "flowkit-one", "flowkit-two", headline="Two plugins claim one name")
    blocked = project.run("--no-plugin", "two", *CHOSEN, "show")
    assert blocked.returncode == 0


def test_a_plugin_for_another_version_of_the_interface(project: Project, site: Site) -> None:
    site.plugin("future", STORE.format(version=99))
    assert project.run("run").returncode == 0
    done = project.run(*CHOSEN, "run")
    assert_told(done, "'blackhole'", "flowkit-future", "99", headline="Plugin API version")


@pytest.mark.parametrize(
    ("hook", "call"),
    [("flowkit_run_started", "run"), ("flowkit_run_finished", "run"), ("flowkit_task_event", "task")],
)
def test_an_observer_that_raises_doesnt_stop_a_run(project: Project, site: Site, hook: str, call: str) -> None:
    del call
    site.plugin("rude", f"@hookimpl\ndef {hook}():\n    raise RuntimeError('rude')\n")
    done = project.run("run")
    assert done.returncode == 0, done.stderr
    assert "rude" in done.stderr
    assert done.stdout.endswith("seen 100000 number 7\n")
