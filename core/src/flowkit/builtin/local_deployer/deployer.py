"""The deployer itself."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, cast

import attrs

from flowkit.builtin.local_deployer.folder import DeploymentFolder, all_folders, deployments_root
from flowkit.builtin.local_deployer.run_folder import RunFolder
from flowkit.errors import CommandError, FlowkitError
from flowkit.interfaces.datastore import Datastore
from flowkit.interfaces.deployer import Deployer
from flowkit.kernel.registry import default_registry
from flowkit.model.deployment import DeployedRun, Deployment, DeploymentRequest
from flowkit.model.problem import Problem
from flowkit.packaging.storing import read_code

__all__ = ["LocalDeployer"]

_is_name = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*").fullmatch
#: Decorators that say when a flow is started, and nothing here does.
_STARTERS = ("schedule", "trigger", "trigger_on_finish")
#: Names one task; a flow that is started with it runs that instead of its command line.
_TASK = "FLOWKIT_TASK"


class LocalDeployer(Deployer):
    """Keeps a flow's code as it was when it was deployed, and runs it in the background of this machine.

    A run goes on when the terminal is closed, or the program that triggered it ends. Nothing starts one by itself:
    ``trigger`` is what a timer of the system (cron, systemd) calls.
    """

    name = "local"
    title = "this machine"
    default_max_workers: ClassVar[int] = 16

    @classmethod
    def commands(cls) -> Iterable[Any]:
        """What a run's process calls."""
        from flowkit.builtin.local_deployer.execute import execute

        yield execute

    # --- deploying -------------------------------------------------------------------------------------------------

    def deployment_name(self, name: str) -> str:
        """As it is. Raises CommandError if it can't be a folder's name."""
        if not _is_name(name) or len(name) > 200:
            raise CommandError(
                f"{name[:80]!r} can't be a deployment's name: use letters, digits, hyphens, underscores and dots"
            )
        return name

    def notices(self, request: DeploymentRequest) -> Iterable[str]:
        """Nothing starts its runs."""
        for spec in request.plan.decorators:
            if spec.name in _STARTERS:
                yield (
                    f"@{spec.name} starts nothing on this machine: have cron, a systemd timer or a program of your own "
                    "call trigger"
                )

    def check(self, request: DeploymentRequest) -> Iterable[Problem]:
        """There is no limit."""
        return ()

    def compile(self, request: DeploymentRequest) -> Mapping[str, Any]:
        """What is kept for the runs."""
        return {
            "name": request.name,
            "flow": request.plan.name,
            "steps": list(request.plan.steps),
            "python": sys.executable,
            "code": request.code,
            "entry": request.entry,
            "datastore": attrs.asdict(request.datastore),
            "metadata": attrs.asdict(request.metadata),
            "namespace": request.namespace,
            "tags": list(request.tags),
            "system_tags": [tag for tag in request.system_tags if tag.startswith("production:")],
            "max_workers": request.max_workers,
            "workflow_timeout": request.workflow_timeout,
            "decospecs": list(request.decospecs),
            "configs": dict(request.configs),
            "flow_options": dict(request.flow_options),
            "variables": {**request.variables, "FLOWKIT_DATASTORE_SYSROOT_LOCAL": self._local_folder()},
        }

    def create(self, request: DeploymentRequest, compiled: Mapping[str, Any]) -> Deployment:
        """Unpack the code and write down the rest."""
        folder = self._folder(request.name)
        store = cast(type[Datastore], default_registry().get("datastores", request.datastore.name))
        datastore = store.open(request.datastore.root)
        try:
            archive = read_code(datastore, request.plan.name, request.code)
        finally:
            datastore.close()
        deployment = request.deployment(self.name, time.time())
        with folder.locked(make=True):
            folder.unpack(request.code, archive)
            folder.write(deployment, compiled)
            folder.clean()
        return deployment

    def delete(self, name: str) -> bool:
        """Remove the folder, but for what runs need that go on."""
        folder = self._folder(name)
        with folder.locked() as is_there:
            return is_there and folder.remove()

    def find(self, name: str) -> Deployment | None:
        """What is deployed under the name."""
        found = self._folder(name).read()
        return found[0] if found is not None else None

    def deployments(self, flow: str | None = None) -> Iterable[Deployment]:
        """What is deployed below this local root."""
        found = [folder.read() for folder in all_folders(deployments_root(self.settings.local_root()))]
        return [one[0] for one in found if one is not None and flow in (None, one[0].flow)]

    # --- its runs --------------------------------------------------------------------------------------------------

    def trigger(self, deployment: Deployment, parameters: Mapping[str, str | tuple[str, ...]]) -> DeployedRun:
        """Start a process of its own."""
        folder = self._folder(deployment.name)
        run_id = str(default_registry().hook.flowkit_new_run_id(flow=deployment.flow))
        run = folder.run_folder(run_id)
        # Until it has started, nothing shows that it needs the code.
        with folder.locked() as is_there:
            found = folder.read() if is_there else None
            if found is None:
                raise FlowkitError(f"{deployment.name} is no longer deployed on this machine: deploy the flow again")
            self._start(run, folder.code(found[1]["code"]), found[1], parameters)
            return run.run()

    def _start(
        self, run: RunFolder, code: Path, definition: Mapping[str, Any], parameters: Mapping[str, str | tuple[str, ...]]
    ) -> None:
        command = [definition["python"], str(code / definition["entry"]), self.name, "execute"]
        environment = {name: text for name, text in self.settings.environment.items() if name != _TASK}
        run.start(
            {**definition, "parameters": dict(parameters), "asked_at": time.time()},
            command,
            {**environment, **definition["variables"]},
            code,
        )

    def runs(self, deployment: Deployment) -> Iterable[DeployedRun]:
        """Those whose folders are there."""
        return [folder.run() for folder in self._folder(deployment.name).run_folders()]

    def run(self, deployment: Deployment, run_id: str) -> DeployedRun | None:
        """By its folder."""
        with suppress(FileNotFoundError):
            return self._folder(deployment.name).run_folder(run_id).run() if _is_name(run_id) else None
        return None

    def terminate(self, deployment: Deployment, run_id: str) -> bool:
        """Ask its process to end."""
        return _is_name(run_id) is not None and self._folder(deployment.name).run_folder(run_id).terminate()

    def _folder(self, name: str) -> DeploymentFolder:
        return DeploymentFolder(deployments_root(self.settings.local_root()) / self.deployment_name(name))

    def _local_folder(self) -> str:
        return os.path.dirname(os.path.abspath(self.settings.local_root()))
