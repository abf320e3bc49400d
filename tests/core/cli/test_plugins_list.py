from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.distributions import Site
from support.project import Project

GOOD = """
@hookimpl
def flowkit_datastores():
    yield Provider("redis", lambda: exit("loaded"), help="Redis, for small artifacts")
    yield Provider("local", lambda: exit("loaded"), help="Another local one")

@hookimpl
def flowkit_commands():
    yield Provider("redis", lambda: exit("loaded"), help="Look at Redis")

@hookimpl
def flowkit_run_started(): ...
"""


@pytest.fixture
def with_plugins(project: Project, tmp_path: Path) -> Project:
    site = Site(tmp_path / "site")
    site.folder.mkdir()
    site.plugin("redis", GOOD, version="3.1")
    site.plugin("bad", "import no_such_sdk", version="0.2")
    site.plugin("out", "raise SystemExit", version="0.3")
    project.environment["PYTHONPATH"] = str(site.folder)
    project.environment["FLOWKIT_NO_PLUGIN"] = "out"
    return project


def test_text_shows_what_plugins_offer_and_what_is_wrong(with_plugins: Project) -> None:
    done = with_plugins.flowkit("plugins", "list", check=True)
    paragraphs = done.stdout.split("\n\n")
    assert paragraphs[0].startswith("builtin (flowkit 2.")
    redis = next(text for text in paragraphs if text.startswith("redis"))
    assert [line.split() for line in redis.splitlines()] == [
        ["redis", "(flowkit-redis", "3.1)"],
        ["datastores", "redis", "Redis,", "for", "small", "artifacts"],
        ["local", "Another", "local", "one"],
        ["commands", "FLOW.py", "redis", "Look", "at", "Redis"],
        ["also", "called:", "flowkit_run_started"],
    ]
    assert "bad (flowkit-bad 0.2): broken\n  cause: importing plugin_bad failed: ModuleNotFoundError" in done.stdout
    assert "  mend:  install what provides the module 'no_such_sdk'" in done.stdout
    assert "out (flowkit-out 0.3): blocked (environment variable FLOWKIT_NO_PLUGIN)" in done.stdout
    assert "collision: the datastore 'local' is claimed by the plugins 'builtin'" in done.stdout


def test_json_says_the_same(with_plugins: Project) -> None:
    report = json.loads(with_plugins.flowkit("plugins", "list", "--json", check=True).stdout)
    redis = next(one for one in report["plugins"] if one["name"] == "redis")
    assert redis["provides"]["commands"] == [{"name": "redis", "help": "Look at Redis", "scope": "flow"}]
    assert [one["name"] for one in redis["provides"]["datastores"]] == ["redis", "local"]
    assert redis["hooks"] == ["flowkit_run_started"]
    assert (redis["distribution"], redis["version"]) == ("flowkit-redis", "3.1")
    (bad,) = [one for one in report["broken"] if one["name"] == "bad"]
    assert (bad["name"], bad["in_use"]) == ("bad", False)
    (out,) = report["blocked"]
    assert out["reason"] == "environment variable FLOWKIT_NO_PLUGIN"
    assert len(report["collisions"]) == 1


def test_a_flag_blocks(with_plugins: Project) -> None:
    done = with_plugins.flowkit("--no-plugin", "redis", "plugins", "list", check=True)
    assert "redis (flowkit-redis 3.1): blocked (--no-plugin)" in done.stdout
    assert "collision" not in done.stdout
