"""A deployer as a plugin brings one: an orchestrator that is a folder, and runs nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import click

from flowkit.plugin import (
    DeployedRun,
    Deployer,
    DeployerVerb,
    Deployment,
    DeploymentRequest,
    ParameterSpec,
    Problem,
    Provider,
    StoreRef,
    hookimpl,
)

__all__ = ["FolderDeployer", "flowkit_deployers"]


class FolderDeployer(Deployer):
    """Keeps deployments and runs as JSON, in FLOWKIT_FOLDER_FLOWS."""

    name = "folder-flows"
    title = "the folder"
    can_suspend = True

    @classmethod
    def group_options(cls) -> Iterable[Any]:
        """One of its own."""
        yield click.Option(["--region"], help="Where.")

    @classmethod
    def verb_options(cls, verb: DeployerVerb) -> Iterable[Any]:
        """Of create and trigger."""
        if verb == "create":
            yield click.Option(["--priority"], type=click.IntRange(0, 9), default=5, help="How urgent.")
        if verb == "trigger":
            yield click.Option(["--note"], help="Kept with the run.")

    @classmethod
    def commands(cls) -> Iterable[Any]:
        """One more."""
        yield click.Command("where", callback=lambda: click.echo("here"), help="Say where.")

    def deployment_name(self, name: str) -> str:
        """Lower case is all that it takes."""
        return name.encode().hex()

    def check(self, request: DeploymentRequest) -> Iterable[Problem]:
        """No more than ten steps."""
        if len(request.plan.steps) > 10:
            yield Problem(f"{request.plan.name} has {len(request.plan.steps)} steps, and a folder takes 10")

    def compile(self, request: DeploymentRequest) -> Mapping[str, Any]:
        """What a test looks at."""
        return {
            "steps": {name: one.attempts.retries for name, one in request.plan.steps.items()},
            "decorators": {spec.name: dict(spec.attributes) for spec in request.plan.decorators},
            "parameters": {spec.name: spec.default for spec in request.plan.parameters},
            "options": dict(request.options),
            "project": dict(request.project),
            "tags": sorted(request.tags),
            "system_tags": sorted(request.system_tags),
        }

    def create(self, request: DeploymentRequest, compiled: Mapping[str, Any]) -> Deployment:
        """Write both down."""
        found = request.deployment(self.name, time.time(), region=self.options.get("region"))
        text = json.dumps({"deployment": attrs.asdict(found), "compiled": compiled})
        (self._root / f"{found.name}.json").write_text(text)
        return found

    def delete(self, name: str) -> bool:
        """Remove the file."""
        there = (self._root / f"{name}.json").exists()
        (self._root / f"{name}.json").unlink(missing_ok=True)
        return there

    def find(self, name: str) -> Deployment | None:
        """Read the file."""
        return next((one for one in self.deployments() if one.name == name), None)

    def deployments(self, flow: str | None = None) -> Iterable[Deployment]:
        """Read all files."""
        for file in sorted(self._root.glob("*.json")):
            found = json.loads(file.read_text())["deployment"]
            if flow in (None, found["flow"]):
                parameters = tuple(ParameterSpec(**one) for one in found["parameters"])
                yield Deployment(**{**found, "metadata": StoreRef(**found["metadata"]), "parameters": parameters})

    def trigger(self, deployment: Deployment, parameters: Mapping[str, str | tuple[str, ...]]) -> DeployedRun:
        """Note that one is wanted."""
        run_id = f"folder-{time.time_ns()}"
        asked = {"parameters": parameters, "note": self.options.get("note"), "status": "pending"}
        self._run_file(deployment, run_id).write_text(json.dumps(asked))
        return DeployedRun(deployment.name, deployment.flow, run_id, "pending")

    def runs(self, deployment: Deployment) -> Iterable[DeployedRun]:
        """Those noted."""
        files = sorted(self._root.glob(f"{deployment.name}.folder-*"), reverse=True)
        return [self._read(deployment, file) for file in files]

    def run(self, deployment: Deployment, run_id: str) -> DeployedRun | None:
        """One of them."""
        file = self._run_file(deployment, run_id)
        return self._read(deployment, file) if file.exists() else None

    def terminate(self, deployment: Deployment, run_id: str) -> bool:
        """Note that."""
        return self._change(deployment, run_id, "terminated")

    def suspend(self, deployment: Deployment, run_id: str) -> bool:
        """Note that."""
        return self._change(deployment, run_id, "suspended")

    def unsuspend(self, deployment: Deployment, run_id: str) -> bool:
        """Note that."""
        return self._change(deployment, run_id, "pending")

    @property
    def _root(self) -> Path:
        return Path(self.settings.get("FOLDER_FLOWS") or "")

    def _run_file(self, deployment: Deployment, run_id: str) -> Path:
        return self._root / f"{deployment.name}.{run_id}"

    def _read(self, deployment: Deployment, file: Path) -> DeployedRun:
        run_id = file.name.rpartition(".")[2]
        return DeployedRun(deployment.name, deployment.flow, run_id, json.loads(file.read_text())["status"])

    def _change(self, deployment: Deployment, run_id: str, status: str) -> bool:
        file = self._run_file(deployment, run_id)
        if not file.exists() or json.loads(file.read_text())["status"] == "terminated":
            return False
        file.write_text(json.dumps({**json.loads(file.read_text()), "status": status}))
        return True


@hookimpl
def flowkit_deployers() -> Iterable[Provider[type[Deployer]]]:
    """The deployer."""
    yield Provider("folder-flows", lambda: FolderDeployer, help="Flows in a folder")
