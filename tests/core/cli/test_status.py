"""``flowkit status``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.distributions import Site
from support.project import Project


def report(project: Project, **env: str) -> dict[str, Any]:
    done = project.flowkit("status", "--json", env=env, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.task_start("auto", reason="it shows the setting's default")
def test_what_is_in_force_and_from_where(project: Project) -> None:
    facts = report(project)["facts"]
    assert facts["user"] == {"value": "tester", "source": "environment variable FLOWKIT_USER"}
    assert facts["namespace"] == {"value": "user:tester", "source": "default"}
    assert facts["datastore root"] == {"value": str(project.store), "source": "made by the first run"}
    assert facts["task start"] == {"value": "auto", "source": "default"}
    project.store.mkdir()
    project.write(".flowkit/config.json", '{"MAX_WORKERS": 2, "NAMESPACE": "team", "TASK_START": "spawn"}')
    facts = report(project)["facts"]
    source = f"file {project.store}/config.json"
    assert facts["tasks at once"] == {"value": 2, "source": source}
    assert facts["namespace"] == {"value": "team", "source": source}
    assert facts["task start"] == {"value": "spawn", "source": source}
    assert facts["metadata location"]["source"] == f"the nearest from {project.path} upwards"
    assert facts["profile"]["value"] == "none"


def test_stores_elsewhere(project: Project) -> None:
    facts = report(project, FLOWKIT_DATASTORE_SYSROOT_LOCAL="else", FLOWKIT_DEFAULT_METADATA="local@/data")["facts"]
    assert facts["datastore root"] == {
        "value": str(project.path / "else" / ".flowkit"),
        "source": "environment variable FLOWKIT_DATASTORE_SYSROOT_LOCAL",
    }
    assert facts["metadata location"]["value"] == "/data"
    facts = report(project, FLOWKIT_DEFAULT_METADATA="elsewhere")["facts"]
    told = f"{project.path / '.flowkit'}, or where settings of elsewhere itself say"
    assert facts["metadata location"] == {"value": told, "source": "made by the first run"}
    facts = report(project, FLOWKIT_DEFAULT_DATASTORE="far-off")["facts"]
    assert facts["datastore root"] == {"error": "set FLOWKIT_DATASTORE_SYSROOT_FAR_OFF, or give --datastore-root"}
    facts = report(project, FLOWKIT_DEFAULT_DATASTORE="far-off", FLOWKIT_DATASTORE_SYSROOT_FAR_OFF="far://x")["facts"]
    assert facts["datastore root"]["value"] == "far://x"


def test_the_files_and_the_other_settings(project: Project) -> None:
    project.write(".flowkit/config.json", '{"CARDS_COLOUR": {"a": 1}, "PROFILE": "prod"}')
    (project.home / ".flowkitconfig").mkdir()
    (project.home / ".flowkitconfig" / "config_prod.json").write_text('{"FSYNC": true}')
    found = report(project)
    assert found["files"] == [
        {"path": str(project.store / "config.json"), "exists": True},
        {"path": str(project.home / ".flowkitconfig" / "config_prod.json"), "exists": True},
    ]
    assert found["facts"]["profile"] == {"value": "prod", "source": f"file {project.store}/config.json"}
    assert found["settings"]["FLOWKIT_CARDS_COLOUR"]["value"] == {"a": 1}
    assert found["settings"]["FLOWKIT_FSYNC"] == {
        "value": True,
        "source": f"file {project.home}/.flowkitconfig/config_prod.json",
    }
    shown = project.flowkit("status", check=True).stdout
    assert 'FLOWKIT_CARDS_COLOUR={"a": 1}' in shown
    assert "not one of the core's" in shown
    assert "FLOWKIT_FSYNC=true" in shown


def test_plugins_in_use_broken_and_blocked(project: Project, site: Site) -> None:
    site.plugin("good", "")
    site.plugin("bad", "raise RuntimeError('no battery')")
    site.plugin("unwanted", "")
    project.environment["PYTHONPATH"] = str(site.folder)
    plugins = report(project, FLOWKIT_NO_PLUGIN="unwanted")["plugins"]
    assert {"builtin", "good"} <= {plugin["name"] for plugin in plugins["in_use"]}
    (broken,) = plugins["broken"]
    assert broken["name"] == "bad"
    assert "no battery" in broken["cause"]
    (blocked,) = plugins["blocked"]
    assert blocked["name"] == "unwanted"
    assert "FLOWKIT_NO_PLUGIN" in blocked["reason"]
    shown = project.flowkit("status", env={"FLOWKIT_NO_PLUGIN": "unwanted"}, check=True).stdout
    assert "no battery" in shown


def test_a_setting_that_can_not_be_used_is_shown_with_the_reason(project: Project) -> None:
    done = project.flowkit("status", env={"FLOWKIT_MAX_WORKERS": "many"}, check=True)
    assert (
        "tasks at once      wrong: FLOWKIT_MAX_WORKERS must be a whole number from 1 up, and is 'many'" in done.stdout
    )
