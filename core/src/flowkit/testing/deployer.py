"""The contract of deployers, as tests that a deployer's author inherits.

::

    class TestAcmeFlows(DeployerContract):
        deployer_class = AcmeDeployer
        plugin = "flowkit_acme.plugin"

        def environment(self, folder):
            return {"ACME_URL": start_server(folder)}

A flow is deployed by the command line, as users do, and what came of it is asked of the class. Where tests can't run
what is deployed (``runs_flows = False``), runs are asked for and ended only.
"""

from __future__ import annotations

import json
import time
from abc import ABC
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from flowkit.interfaces.deployer import Deployer
from flowkit.model.deployment import ENDED, DeployedRun, Deployment
from flowkit.settings import Settings
from flowkit.testing.project import Project

__all__ = ["DeployerContract"]

_FLOW = """
import os
import time
from flowkit import FlowSpec, JSONType, Parameter, current, step

class DeployedFlow(FlowSpec):
    alpha = Parameter("alpha", default=1, help="a number")
    text_value = Parameter("text-value", default="plain")
    shape = Parameter("shape", type=JSONType, default="{}")
    names = Parameter("names", default="a,b", separator=",")
    act = Parameter("act", default="")

    @step
    def start(self):
        self.version = 1
        self.seen = (current.run_id, sorted(current.tags), current.namespace)
        if self.act == "fail":
            raise ValueError("told to fail")
        if self.act == "hold":
            time.sleep(600)
        self.items = [1, 2, 3]
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.square = self.input ** 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(one.square for one in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    DeployedFlow()
"""

#: Quotes, signs that shells and templates know, and letters of all scripts.
_ODD = 'it\'s "quoted" $HOME ${x} {{y}} %s \\n; - 日本語 😀'


class DeployerContract(ABC):
    """Inherit, set ``deployer_class`` and ``plugin``, and say what the environment needs."""

    deployer_class: ClassVar[type[Deployer]]
    #: The plugin's module, whether it is installed or not; empty for a built-in deployer.
    plugin: ClassVar[str] = ""
    #: Whether what is triggered runs for real.
    runs_flows: ClassVar[bool] = True
    #: Seconds that a run may take.
    patience: ClassVar[float] = 60

    # --- what an author gives --------------------------------------------------------------------------------------

    def environment(self, folder: Path) -> Mapping[str, str]:
        """Environment variables with which the orchestrator is found; ``folder`` is empty and may be used or not."""
        return {}

    # --- deploying -------------------------------------------------------------------------------------------------

    @pytest.fixture
    def deployed(self, flow_project: Project, tmp_path: Path) -> Project:
        """A project whose flow is deployed."""
        if self.plugin:
            flow_project.use_plugin(self.plugin)
        folder = tmp_path / "orchestrator"
        folder.mkdir()
        flow_project.environment.update(self.environment(folder))
        flow_project.write("flow.py", _FLOW)
        flow_project.run(self.deployer_class.name, "create", "--tag", "of-the-contract", check=True)
        return flow_project

    def test_what_is_created_is_found_and_listed(self, deployed: Project) -> None:
        """With all that is known of it."""
        deployer, found = self._found(deployed)
        assert (found.flow, found.username, found.deployer) == ("DeployedFlow", "tester", deployer.name)
        assert found.production_token
        assert [spec.name for spec in found.parameters] == ["alpha", "text-value", "shape", "names", "act"]
        assert found.name in [one.name for one in deployer.deployments("DeployedFlow")]
        assert found.name in [one.name for one in deployer.deployments()]
        assert list(deployer.deployments("AnotherFlow")) == []

    def test_what_is_not_there(self, deployed: Project) -> None:
        """Is None, or False, and no error."""
        deployer, found = self._found(deployed)
        assert deployer.find(deployer.deployment_name("NeverDeployed")) is None
        assert deployer.delete(deployer.deployment_name("NeverDeployed")) is False
        assert deployer.run(found, "never-triggered") is None
        assert list(deployer.runs(found)) == []

    def test_creating_again_replaces(self, deployed: Project) -> None:
        """Under the same token, by the same user."""
        _, before = self._found(deployed)
        deployed.run(self.deployer_class.name, "create", check=True)
        deployer, after = self._found(deployed)
        assert after.production_token == before.production_token
        assert after.created_at >= before.created_at
        assert [one.name for one in deployer.deployments("DeployedFlow")] == [before.name]

    def test_only_json_deploys_nothing(self, deployed: Project) -> None:
        """And is JSON."""
        name = ["--name", "Shown"]
        shown = deployed.run(self.deployer_class.name, *name, "create", "--only-json", check=True).stdout
        assert json.loads(shown)
        deployer = self._open(deployed)
        assert deployer.find(deployer.deployment_name("Shown")) is None

    def test_another_user_needs_the_token(self, deployed: Project) -> None:
        """Once."""
        _, found = self._found(deployed)
        verb, other = self.deployer_class.name, {"FLOWKIT_USER": "other", "FLOWKIT_HOME": str(deployed.home / "other")}
        refused = deployed.run(verb, "create", env=other)
        assert refused.returncode != 0
        assert "--authorize TOKEN" in refused.stderr
        assert found.production_token not in refused.stderr
        assert deployed.run(verb, "delete", env=other).returncode != 0
        deployed.run(verb, "create", "--authorize", found.production_token, check=True, env=other)
        assert self._found(deployed)[1].username == "other"
        deployed.run(verb, "create", check=True, env=other)

    def test_deleting(self, deployed: Project) -> None:
        """Once; then there is nothing to trigger."""
        deployer, found = self._found(deployed)
        deployed.run(deployer.name, "delete", check=True)
        assert deployer.find(found.name) is None
        assert deployer.delete(found.name) is False
        nothing = deployed.run(deployer.name, "trigger")
        assert nothing.returncode != 0
        assert "create" in nothing.stderr

    def test_names_that_differ_stay_different(self) -> None:
        """Of branches of one project, for example."""
        deployer = self.deployer_class(Settings.load({}), {})
        names = ["Flow", "flow_a", "flowA", "p.user.a.Flow", "p.user.a_b.Flow", "p.user.ab.Flow", "p.test.a.Flow"]
        names += ["p.prod.Flow", f"p.test.{'b' * 128}.Flow", f"p.test.{'b' * 127}.Flow"]
        assert len({deployer.deployment_name(name) for name in names}) == len(names)

    # --- runs ------------------------------------------------------------------------------------------------------

    def test_a_run_that_is_ended(self, deployed: Project) -> None:
        """It is listed, ends, and can't be ended again."""
        deployer, found = self._found(deployed)
        first = deployer.trigger(found, {"act": "hold"})
        second = deployer.trigger(found, {"act": "hold"})
        assert [run.run_id for run in deployer.runs(found)] == [second.run_id, first.run_id]
        assert first.flow == "DeployedFlow"
        assert deployer.terminate(found, first.run_id) is True
        assert self._ended(deployer, found, first).status == "terminated"
        assert deployer.terminate(found, first.run_id) is False
        assert self._status(deployer, found, second) not in ENDED
        deployed.run(deployer.name, "terminate", second.run_id, check=True)
        assert self._ended(deployer, found, second).status == "terminated"

    def test_suspending(self, deployed: Project) -> None:
        """Where it can be."""
        deployer, found = self._found(deployed)
        shown = deployed.run(deployer.name, check=True).stdout
        assert ("unsuspend" in shown) is deployer.can_suspend
        if deployer.can_suspend:
            run = deployer.trigger(found, {"act": "hold"})
            assert deployer.suspend(found, run.run_id) is True
            assert self._status(deployer, found, run) == "suspended"
            assert deployer.unsuspend(found, run.run_id) is True
            assert self._status(deployer, found, run) in ("pending", "running")
            deployer.terminate(found, run.run_id)
            self._ended(deployer, found, run)
            assert deployer.suspend(found, run.run_id) is False

    def test_parameters_arrive(self, deployed: Project) -> None:
        """Whatever is in a text; those that aren't given have their defaults. The run has the deployment's tags."""
        if not self.runs_flows:
            pytest.skip("runs aren't run for real here")
        deployer, found = self._found(deployed)
        # What the file says now is no business of what is deployed.
        deployed.write("flow.py", _FLOW.replace("self.version = 1", "self.version = 2"))
        given = {"alpha": "7", "text-value": _ODD, "shape": '{"a": [1, "x"]}'}
        run = deployer.trigger(found, given)
        assert self._ended(deployer, found, run).status == "succeeded", run
        program = (
            f"import json; from flowkit import Run, namespace; namespace(None); run = Run({run.pathspec!r});"
            "d = run['start'].task.data; total = run['join'].task.data.total;"
            "print(json.dumps([d.alpha, d.text_value, d.shape, d.names, d.version, total, d.seen,"
            "sorted(run.system_tags)]))"
        )
        told = json.loads(deployed.python("-c", program, check=True).stdout)
        assert told[:6] == [7, _ODD, {"a": [1, "x"]}, ["a", "b"], 1, 14]
        token = f"production:{found.production_token}"
        assert told[6] == [run.run_id, ["of-the-contract"], token]
        assert token in told[7]

    def test_a_run_that_fails(self, deployed: Project) -> None:
        """Is one that failed."""
        if not self.runs_flows:
            pytest.skip("runs aren't run for real here")
        deployer, found = self._found(deployed)
        ended = self._ended(deployer, found, deployer.trigger(found, {"act": "fail"}))
        assert ended.status == "failed"
        assert ended.finished_at is not None

    # --- how -------------------------------------------------------------------------------------------------------

    def _open(self, project: Project) -> Deployer:
        return self.deployer_class(Settings.load(project.variables(), project.path), {})

    def _found(self, project: Project) -> tuple[Deployer, Deployment]:
        deployer = self._open(project)
        found = deployer.find(deployer.deployment_name("DeployedFlow"))
        assert found is not None
        return deployer, found

    @staticmethod
    def _status(deployer: Deployer, deployment: Deployment, run: DeployedRun) -> Any:
        now = deployer.run(deployment, run.run_id)
        assert now is not None
        return now.status

    def _ended(self, deployer: Deployer, deployment: Deployment, run: DeployedRun) -> DeployedRun:
        until = time.monotonic() + self.patience
        while self._status(deployer, deployment, run) not in ENDED:
            assert time.monotonic() < until, f"{run.pathspec} hasn't ended after {self.patience} s"
            time.sleep(0.05)
        now = deployer.run(deployment, run.run_id)
        assert now is not None
        return now
