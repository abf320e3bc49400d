from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.distributions import Site
from support.project import Project

REDIS = """
def _store():
    from redis_store import Store
    return Store

@hookimpl
def flowkit_datastores():
    yield Provider("redis", _store, help="Redis, for small artifacts")

@hookimpl
def flowkit_commands():
    yield Provider("redis", lambda: 1, help="Look at Redis", scope="flowkit")
"""
STORE = """
from flowkit.plugin import SecretsProvider, Datastore
from flowkit.builtin.local_datastore import LocalDatastore

class Store(LocalDatastore):
    name = "redis"
"""


@pytest.fixture
def with_plugins(project: Project, tmp_path: Path) -> Project:
    site = Site(tmp_path / "site")
    site.folder.mkdir()
    site.plugin("redis", REDIS, version="3.1")
    site.module("redis_store", STORE)
    site.plugin("rival", "@hookimpl\ndef flowkit_datastores():\n    yield Provider('local', int, help='Mine')\n")
    site.plugin("bad", "import no_such_sdk", distribution="acme-bad")
    site.plugin("out", "raise SystemExit")
    project.environment["PYTHONPATH"] = str(site.folder)
    project.environment["FLOWKIT_NO_PLUGIN"] = "out"
    return project


def test_who_provides_a_name_and_from_where(with_plugins: Project, tmp_path: Path) -> None:
    done = with_plugins.flowkit("plugins", "why", "redis", check=True)
    assert done.stdout.splitlines()[:3] == [
        "redis: datastore",
        "  provided by  redis (flowkit-redis 3.1): Redis, for small artifacts",
        f"  from         {tmp_path}/site/redis_store.py",
    ]
    assert "redis: command of flowkit\n" in done.stdout
    assert "  broken       the command 'redis' of the plugin 'redis' (flowkit-redis 3.1) loaded 1" in done.stdout
    assert "isn't a click command" in done.stdout
    assert "redis (flowkit-redis 3.1): plugin, in use\n" in done.stdout


def test_who_else_claims_it(with_plugins: Project) -> None:
    done = with_plugins.flowkit("plugins", "why", "local", check=True)
    assert "  provided by  builtin (flowkit 2." in done.stdout
    assert "  provided by  rival (flowkit-rival 1.0): Mine" in done.stdout
    assert "collision: the datastore 'local' is claimed by the plugins 'builtin'" in done.stdout
    report = json.loads(with_plugins.flowkit("plugins", "why", "local", "--json", check=True).stdout)
    assert [one["plugin"] for one in report["provided"] if one["kind"] == "datastores"] == ["builtin", "rival"]
    assert len(report["collisions"]) == 1


def test_a_name_that_nobody_provides_has_suspects(with_plugins: Project) -> None:
    done = with_plugins.flowkit("plugins", "why", "vault")
    assert done.returncode == 1
    assert done.stdout.startswith("no plugin that is in use provides 'vault'\n")
    assert "may have it: bad (acme-bad 1.0), broken\n" in done.stdout
    assert "install what provides the module 'no_such_sdk'" in done.stdout
    assert "may have it: out (flowkit-out 1.0), blocked\n" in done.stdout
    assert "FLOWKIT_NO_PLUGIN" in done.stdout


def test_a_known_name_says_what_to_install(with_plugins: Project) -> None:
    done = with_plugins.flowkit("plugins", "why", "fast-bakery")
    assert done.returncode == 1
    assert "it comes with flowkit-conda, which " in done.stdout


@pytest.mark.parametrize(("name", "state"), [("acme-bad", "broken"), ("out", "blocked")])
def test_a_plugin_that_is_not_in_use_says_why(with_plugins: Project, name: str, state: str) -> None:
    done = with_plugins.flowkit("plugins", "why", name)
    assert done.returncode == 1
    assert f": plugin, {state}\n" in done.stdout
    report = json.loads(with_plugins.flowkit("plugins", "why", name, "--json").stdout)
    assert [one["state"] for one in report["plugins"]] == [state]


def test_what_the_file_beside_a_flow_provides(project: Project) -> None:
    project.write(
        "flowkit_plugins.py",
        """
        from flowkit.plugin import Provider, hookimpl

        @hookimpl
        def flowkit_config_parsers():
            yield Provider("own", lambda: dict, help="Mine")
        """,
    )
    done = project.flowkit("plugins", "why", "own", check=True)
    assert done.stdout.startswith("own: configuration parser\n  provided by  flowkit_plugins: Mine\n")


@pytest.mark.parametrize("name", ["Flow", "client"])
def test_a_name_of_flowkit_s_own_is_no_plugins(project: Project, name: str) -> None:
    assert project.flowkit("plugins", "why", name, check=True).stdout == f"{name}: FlowKit's own, as flowkit.{name}\n"
    project.write(
        "flowkit_plugins.py",
        f"""
        from flowkit.plugin import Provider, hookimpl

        @hookimpl
        def flowkit_exports():
            yield Provider("{name}", lambda: dict, help="Mine")
        """,
    )
    done = project.flowkit("plugins", "why", name, check=True)
    assert done.stdout.startswith(f"{name}: FlowKit's own, as flowkit.{name}\nclaims it in vain: flowkit_plugins")
    assert f"it offers the name of flowkit {name!r}, but flowkit.{name} is FlowKit's own" in done.stdout
    assert "provided by" not in done.stdout
    report = json.loads(project.flowkit("plugins", "why", name, "--json", check=True).stdout)
    assert (report["is_core"], report["provided"]) == (True, [])
