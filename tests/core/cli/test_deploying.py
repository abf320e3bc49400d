"""Commands of deployers, of a plugin's that isn't installed: what comes from core for all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flowkit.testing.deployer import DeployerContract
from support.folder_deployer import FolderDeployer
from support.project import Project


class TestContractOfAPlugin(DeployerContract):
    deployer_class = FolderDeployer
    plugin = "support.folder_deployer"
    runs_flows = False

    def environment(self, folder: Path) -> Mapping[str, str]:
        return {"FLOWKIT_FOLDER_FLOWS": str(folder)}


FLOW = """
from flowkit import (Config, FlowSpec, Parameter, namespaced_event_name, project, retry, schedule, step, trigger,
                     trigger_on_finish)

def upstream(context):
    return {"name": "Other" + context.flow_name, "project_branch": "test.x"}

def first_event():
    return "plain"

def alpha(context):
    return len(context.configs["c"]["word"])

@project(name="shop")
@schedule(cron="0 6 * * *", timezone="Europe/Berlin")
@trigger(events=[{"name": namespaced_event_name("sold"), "parameters": {"alpha": "amount"}}, first_event])
@trigger_on_finish(flows=[upstream, "Earlier"])
class Shop(FlowSpec):
    c = Config("c", default_value={"word": "four"})
    alpha = Parameter("alpha", default=alpha, type=int)
    names = Parameter("names", default="a,b", separator=",")

    @retry(times=3)
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Shop()
"""


@pytest.fixture
def shop(project: Project, tmp_path: Path) -> Project:
    """A project with a flow of everything."""
    project.use_plugin("support.folder_deployer")
    (tmp_path / "folder").mkdir()
    project.environment["FLOWKIT_FOLDER_FLOWS"] = str(tmp_path / "folder")
    project.write("flow.py", FLOW)
    return project


def compiled(project: Project, *options: str, top: tuple[str, ...] = ()) -> dict[str, Any]:
    """What ``--only-json`` shows."""
    shown = project.run(*top, "folder-flows", "create", "--only-json", *options, check=True).stdout
    found: dict[str, Any] = json.loads(shown)
    return found


def test_functions_are_called_where_the_flow_is_deployed(shop: Project) -> None:
    found = compiled(shop, top=("--branch", "b1"))
    assert found["decorators"]["trigger"]["events"] == [
        {"name": "shop.test.b1.sold", "parameters": {"alpha": "amount"}},
        {"name": "plain", "parameters": {}},
    ]
    assert found["decorators"]["trigger_on_finish"]["flows"] == [
        {"name": "OtherShop", "project": "shop", "project_branch": "test.x"},
        {"name": "Earlier", "project": "shop", "project_branch": "test.b1"},
    ]
    assert found["decorators"]["schedule"]["cron"] == "0 6 * * *"
    assert found["parameters"] == {"alpha": 4, "names": "a,b"}
    assert found["steps"] == {"start": 3, "end": 0}
    assert found["project"]["project_flow_name"] == "shop.test.b1.Shop"
    assert {"project:shop", "project_branch:test.b1"} <= set(found["system_tags"])


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('return "plain"', "return 1 / 0", "computed by first_event, raised ZeroDivisionError: division by zero"),
        ('return "plain"', "return 7", "@trigger(event=7): event must be an event's name"),
        ('return "plain"', 'return "shop.prod.sold"', "@trigger has the event 'shop.prod.sold' twice"),
        ('len(context.configs["c"]["word"])', "context.nothing", "its default function 'alpha' raised AttributeError"),
    ],
)
def test_functions_that_fail(shop: Project, before: str, after: str, message: str) -> None:
    shop.write("flow.py", FLOW.replace(before, after))
    done = shop.run("--production", "folder-flows", "create")
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert shop.run("--production", "folder-flows", "list", check=True).stdout == ""


def test_branches_are_deployments_of_their_own(shop: Project) -> None:
    for top in ((), ("--branch", "b1"), ("--production",)):
        shop.run(*top, "folder-flows", "create", check=True)
    lines = shop.run("folder-flows", "list", check=True).stdout.splitlines()
    names = sorted(bytes.fromhex(line.split()[0]).decode() for line in lines)
    assert names == ["shop.prod.Shop", "shop.test.b1.Shop", "shop.user.tester.Shop"]
    shop.run("--branch", "b1", "folder-flows", "delete", check=True)
    assert len(shop.run("folder-flows", "list", "--all", check=True).stdout.splitlines()) == 2
    refused = shop.run("folder-flows", "--name", "mine", "create")
    assert refused.returncode == 2
    assert "--name can't be given for a flow of a project" in refused.stderr


def test_a_deployers_own_options_and_commands(shop: Project, tmp_path: Path) -> None:
    found = compiled(shop, "--priority", "7", "--with", "retry:times=1", "--tag", "t")
    assert found["options"] == {"priority": 7}
    assert found["tags"] == ["t"]
    assert found["steps"] == {"start": 3, "end": 1}
    assert shop.run("folder-flows", "create", "--priority", "11").returncode == 2
    shop.run("folder-flows", "--region", "west", "create", "--deployer-attribute-file", "told.json", check=True)
    told = json.loads((shop.path / "told.json").read_text())
    assert (told["deployer"], told["flow_name"]) == ("folder-flows", "Shop")
    assert told["metadata"].startswith("local@")
    file = tmp_path / "folder" / f"{told['name']}.json"
    assert json.loads(file.read_text())["deployment"]["info"] == {"region": "west"}
    assert shop.run("folder-flows", "where", check=True).stdout == "here\n"
    shop.run("folder-flows", "trigger", "--alpha", "5", "--note", "n", "--run-id-file", "id", check=True)
    asked = json.loads((tmp_path / "folder" / f"{told['name']}.{(shop.path / 'id').read_text()}").read_text())
    assert asked == {"parameters": {"alpha": "5"}, "note": "n", "status": "pending"}


def test_a_limit_that_would_be_passed_is_told_before_anything_is_done(shop: Project) -> None:
    steps = "".join(f"\n    @step\n    def s{n}(self):\n        self.next(self.s{n + 1})\n" for n in range(9))
    steps += "\n    @step\n    def s9(self):\n        self.next(self.end)\n"
    shop.write("flow.py", FLOW.replace("self.next(self.end)\n", f"self.next(self.s0)\n{steps}", 1))
    done = shop.run("folder-flows", "create")
    assert done.returncode == 1
    assert "Shop has 12 steps, and a folder takes 10" in done.stderr
    assert not list(shop.store.rglob("*.tar.gz"))


def test_tokens(shop: Project) -> None:
    """New ones are numbered on; the runs' namespace is the token's; what can't be one is refused."""
    first = shop.run("folder-flows", "create", check=True).stderr
    token = re.search(r"production:(\S+)", first)
    assert token is not None
    assert re.fullmatch(r"shop-user-tester-shop-0-[a-z]{4}", token[1])
    assert f"production:{token[1]}" in compiled(shop)["system_tags"]
    assert "production token" not in shop.run("folder-flows", "create", check=True).stderr
    second = shop.run("folder-flows", "create", "--generate-new-token", check=True).stderr
    assert re.search(r"production:shop-user-tester-shop-1-[a-z]{4}", second)
    assert "production:mine" in shop.run("folder-flows", "create", "--new-token", "production:mine", check=True).stderr
    assert "can't be a token" in shop.run("folder-flows", "create", "--new-token", "a b").stderr
    wrong = shop.run("folder-flows", "create", "--authorize", "another")
    assert "the token that is given isn't its production token" in wrong.stderr


def test_help_and_unknown_deployers(shop: Project) -> None:
    shown = shop.run("--help", check=True).stdout
    assert "folder-flows" in shown
    assert "Flows in a folder" in shown
    assert "--authorize TOKEN" in shop.run("folder-flows", "create", "--help", check=True).stdout
    assert "--alpha" in shop.run("folder-flows", "trigger", "--help", check=True).stdout
    nothing = shop.run("argo-workflows", "create")
    assert nothing.returncode == 2
    assert "flowkit-k8s" in nothing.stderr


def test_runs_are_shown_by_state(shop: Project) -> None:
    shop.run("folder-flows", "create", check=True)
    assert shop.run("folder-flows", "list-runs", check=True).stdout == ""
    for _ in range(2):
        shop.run("folder-flows", "trigger", "--run-id-file", "id", check=True)
    run_id = (shop.path / "id").read_text()
    assert "is suspended" in shop.run("folder-flows", "suspend", run_id, check=True).stderr
    assert shop.run("folder-flows", "list-runs", "--suspended", check=True).stdout == f"Shop/{run_id}  suspended\n"
    assert "is unsuspended" in shop.run("folder-flows", "unsuspend", f"Shop/{run_id}", check=True).stderr
    shop.run("folder-flows", "terminate", run_id, check=True)
    assert shop.run("folder-flows", "list-runs", "--aborted", check=True).stdout == f"Shop/{run_id}  terminated\n"
    unknown = shop.run("folder-flows", "status", "gone")
    assert unknown.returncode == 1
    assert "has no run 'gone' on the folder: the latest are folder-" in unknown.stderr


def test_what_is_anothers_is_changed_with_its_token(shop: Project) -> None:
    shop.run("--production", "folder-flows", "create", "--new-token", "mine", check=True)
    other = {"FLOWKIT_USER": "other", "FLOWKIT_HOME": str(shop.home / "other")}
    shop.run("--production", "folder-flows", "trigger", "--run-id-file", "id", check=True, env=other)
    run_id = (shop.path / "id").read_text()
    for verb in (["terminate", run_id], ["delete"]):
        refused = shop.run("--production", "folder-flows", *verb, env=other)
        assert refused.returncode == 1
        assert f"{verb[0]} --authorize TOKEN" in refused.stderr
    shop.run(
        "--production", "folder-flows", "terminate", run_id, "--authorize", "production:mine", check=True, env=other
    )
    # It is known from then on.
    shop.run("--production", "folder-flows", "delete", check=True, env=other)
    shop.run("--production", "folder-flows", "create", "--new-token", "yours", check=True)
    wrong = {**other, "FLOWKIT_HOME": str(shop.home / "third")}
    shop.run("--production", "folder-flows", "delete", "--authorize", "yours", check=True, env=wrong)
