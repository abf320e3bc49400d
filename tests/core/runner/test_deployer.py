"""Deploying from programs."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import NoneType
from typing import Any

import pytest

from flowkit import DeployedFlow, Deployer
from flowkit.errors import CommandError, FlowkitError, NotFound, ParameterError, ProductionTokenError, UnknownKeyword
from flowkit.kernel.registry import default_registry
from flowkit.runner import FlowDeployer, TriggeredRun


@pytest.fixture
def deployer(flow: Path, flowkit_home: Path) -> Iterator[Deployer]:
    """Of the flow of this folder's tests, in a home and a working folder of its own."""
    default_registry.cache_clear()
    with Deployer(flow, show_output=False) as found:
        yield found
    for deployed in DeployedFlow.list_deployed_flows():
        for run in deployed.list_runs():
            run.terminate()
            run.wait_for_completion(timeout=60)
    default_registry.cache_clear()


def test_a_flow_is_deployed_triggered_and_deleted(deployer: Deployer) -> None:
    impl: FlowDeployer = deployer.local()
    assert (impl.TYPE, impl.name, impl.flow_name) == ("local", None, "RunnerFlow")
    deployed = impl.create(tags=["mine"], max_workers=2)
    assert (deployed.name, deployed.flow_name, deployed.TYPE) == ("RunnerFlow", "RunnerFlow", "local")
    assert (deployed.deployer.name, deployed.deployer.metadata) == ("RunnerFlow", deployed.metadata)
    run = deployed.trigger(alpha=7, Kind="it's $odd", values=[1, {"a": 2}], names=["x", "y"])
    run.wait_for_run(timeout=60)
    assert run.run is not None
    assert (run.pathspec, run.name) == (f"RunnerFlow/{run.run.id}", run.run.id)
    run.wait_for_completion(timeout=60)
    assert (run.status, run.is_running) == ("Succeeded", False)
    data = run.run.data
    assert (data.alpha, data.Kind, data.values, data.names) == (7, "it's $odd", [1, {"a": 2}], ["x", "y"])
    assert {"mine", f"production:{deployed.production_token}"} <= run.run.tags
    assert run.terminate() is False
    assert [one.name for one in deployed.list_runs(["SUCCEEDED"])] == [run.name]
    assert deployed.list_runs(["running", "ABORTED"]) == []
    assert deployed.delete() is True
    assert deployed.delete() is False


def test_what_is_deployed_is_found_without_its_file(deployer: Deployer, flow: Path) -> None:
    created = deployer.local().create()
    flow.unlink()
    for found in (
        DeployedFlow.from_deployment("RunnerFlow"),
        DeployedFlow.from_deployment("RunnerFlow", impl="local"),
        DeployedFlow.from_local("RunnerFlow"),
        *DeployedFlow.list_deployed_flows("RunnerFlow"),
        *DeployedFlow.list_local(),
    ):
        assert (found.name, found.production_token, found.metadata) == (
            created.name,
            created.production_token,
            created.metadata,
        )
        assert found.deployer.TYPE == "local"
    run = found.trigger(hold="held")
    same = DeployedFlow.get_triggered_local_run("RunnerFlow", run.pathspec)
    assert same.pathspec == run.pathspec
    same.wait_for_run(timeout=60)
    assert same.is_running
    assert same.terminate() is True
    same.wait_for_completion(timeout=60)
    assert run.status == "Terminated"
    assert DeployedFlow.list_deployed_flows("Another") == []


def test_keywords_have_the_types_of_the_commands(deployer: Deployer) -> None:
    create = inspect.signature(deployer.local().create).parameters
    assert create["max_workers"].annotation == int | None
    assert create["tags"].annotation == list[str] | None
    assert create["generate_new_token"].annotation == bool | None
    assert "deployer_attribute_file" not in create
    assert list(inspect.signature(deployer.local).parameters) == ["name"]
    trigger = inspect.signature(deployer.local().create().trigger)
    types = {name: one.annotation for name, one in trigger.parameters.items()}
    assert (types["alpha"], types["Kind"], types["names"]) == (int | None, str | None, list[str] | None)
    assert types["values"] in (object | NoneType, Any, object | None)
    assert trigger.return_annotation is TriggeredRun


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda d: d.local(nam="x"), UnknownKeyword, r"Deployer.local\(\) has no keyword 'nam'; did you mean 'name'"),
        (lambda d: d.local().create(tag=["x"], many=1), UnknownKeyword, r"local\(\).create\(\) has no keyword 'many'"),
        (lambda d: d.local().create(max_workers=0), FlowkitError, "RunnerFlow wasn't deployed by local: .*max-workers"),
        (lambda d: d.local(name="a/b").create(), FlowkitError, "'a/b' can't be a deployment's name"),
        (lambda d: d.local().create().trigger(alpa=1), UnknownKeyword, "did you mean 'alpha'"),
        (lambda d: d.local().create().trigger(alpha="x"), ParameterError, "'--alpha': 'x' is not a whole number"),
        (lambda d: d.moon(), AttributeError, "Deployer has no deployer 'moon'; it has local"),
        (lambda _: DeployedFlow.from_deployment("gone"), NotFound, "nothing is deployed as 'gone' by local"),
        (lambda _: DeployedFlow.from_moon("gone"), AttributeError, "no attribute 'from_moon'"),
        (lambda _: DeployedFlow.get_triggered_run("gone", "1"), NotFound, "nothing is deployed as 'gone'"),
    ],
)
def test_errors(deployer: Deployer, act: Callable[[Any], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        act(deployer)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no flow file"):
        Deployer(tmp_path / "gone.py")


def test_what_is_another_users_needs_its_token(deployer: Deployer, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed = deployer.local().create()
    monkeypatch.setenv("FLOWKIT_USER", "other")
    monkeypatch.setenv("FLOWKIT_HOME", "elsewhere")
    found = DeployedFlow.from_deployment("RunnerFlow")
    with pytest.raises(ProductionTokenError, match=r"was deployed by tester.*delete\(authorize=TOKEN\)"):
        found.delete()
    assert found.delete(authorize=deployed.production_token) is True


def test_a_run_that_never_begins(deployer: Deployer, tmp_path: Path) -> None:
    deployed = deployer.local().create()
    (code,) = (tmp_path / ".flowkit" / ".deployments" / "RunnerFlow" / "code").iterdir()
    (code / "flow.py").write_text("raise ImportError('broken here')\n")
    run = deployed.trigger()
    with pytest.raises(FlowkitError, match=r"failed before it had begun: ImportError: broken here"):
        run.wait_for_run(timeout=60)
    assert run.run is None


def test_waiting_ends_when_the_time_is_over(deployer: Deployer) -> None:
    run = deployer.local().create().trigger(hold="held")
    with pytest.raises(TimeoutError, match="hasn't ended after"):
        run.wait_for_completion(timeout=0.01)


def test_environment_and_folder_are_the_deployers(flow: Path, flowkit_home: Path, tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    with Deployer(flow, show_output=False, cwd=tmp_path / "place", env={"COLOUR": "red"}) as deployer:
        deployed = deployer.local().create()
        run = deployed.trigger()
        run.wait_for_completion(timeout=60)
    assert deployed.metadata == f"local@{tmp_path / 'place' / '.flowkit'}"
    assert run.run is not None
    assert run.run["start"].task.data.variable == "red"
    assert not Path(run.run["start"].task.data.place).samefile(tmp_path / "place")
    kept = json.loads((tmp_path / "home" / ".flowkitconfig" / "production_tokens.json").read_text())
    assert kept == {"local/RunnerFlow": deployed.production_token}
