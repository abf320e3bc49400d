"""Deploys flows from programs."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from flowkit.errors import FlowkitError
from flowkit.runner.deployed import DeployedFlow
from flowkit.runner.executing import said_last
from flowkit.runner.program import FlowProgram, follow

__all__ = ["Deployer", "FlowDeployer"]


class Deployer:
    """Deploys a flow from a program: ``Deployer("flow.py").argo_workflows().create(max_workers=50)``.

    It has a method for each deployer that is installed (``dir()`` shows them), whose keyword arguments are the options
    before the deployer's verb, and those of ``create`` that verb's own; ``inspect.signature`` shows them with their
    types.

    Parameters
    ----------
    flow_file
        The flow's file, relative to the working folder or to ``cwd``.
    show_output
        Whether ``create`` shows what it says.
    profile
        The configuration's profile.
    env
        Environment variables, besides those of this process.
    cwd
        Working folder; this process's own if it isn't given.
    file_read_timeout
        Seconds that ``create`` may take.
    **top_level
        Options that stand before the command: ``branch="b"``, ``production=True``, ``decospecs=["retry"]``.

    Raises
    ------
    CommandError
        If the file isn't there, can't be imported, or has no flow.
    UnknownKeyword
        If there is no such option; it is a TypeError too.
    """

    def __init__(
        self,
        flow_file: str | os.PathLike[str],
        show_output: bool = True,
        profile: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        file_read_timeout: float = 3600,
        **top_level: Any,
    ) -> None:
        self._program = FlowProgram("Deployer", flow_file, top_level, profile=profile, env=env, cwd=cwd)
        self.flow_file, self.env, self.cwd = self._program.flow_file, self._program.env, self._program.cwd
        self.show_output = show_output
        self.file_read_timeout = file_read_timeout

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        deployers = self._program.commands.deployers()
        found = name.replace("_", "-")
        if found not in deployers:
            known = ", ".join(one.replace("-", "_") for one in deployers)
            raise AttributeError(f"Deployer has no deployer {name!r}; it has {known}")
        return self._deployer(found)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name.replace("-", "_") for name in self._program.commands.deployers())})

    def cleanup(self) -> None:
        """Remove temporary files. What is deployed stays."""
        self._program.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cleanup()

    def _deployer(self, name: str) -> Callable[..., FlowDeployer]:
        own, _ = self._program.commands.deployer_keywords(name)

        def deployer(**given: Any) -> FlowDeployer:
            return FlowDeployer(self, self._program, name, given)

        described: Any = deployer
        parameters = own.parameters()
        described.__name__ = name.replace("-", "_")
        described.__doc__ = f"Deploy by {name}; the keywords are the options before its verb."
        described.__signature__ = inspect.Signature(parameters, return_annotation=FlowDeployer)
        described.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": FlowDeployer}
        return deployer


class FlowDeployer:
    """One flow and one deployer. ``name`` and ``metadata`` are those of the deployment, once it is created.

    Parameters
    ----------
    given
        Values of the options before the verb.
    """

    def __init__(self, deployer: Deployer, program: FlowProgram, name: str, given: Mapping[str, Any]) -> None:
        #: Name of the deployer: ``argo-workflows``.
        self.TYPE = name
        #: The options before the verb.
        self.deployer_kwargs = dict(given)
        self.flow_name = program.commands.flow_name
        self.name: str | None = None
        self.metadata: str | None = None
        self._deployer = deployer
        self._program = program
        self._own, self._create = program.commands.deployer_keywords(name)
        self._arguments = self._own.arguments(given)

    @property
    def create(self) -> Callable[..., DeployedFlow]:
        """Deploy the flow, as it now is; takes what the command ``create`` does."""

        def create(**given: Any) -> DeployedFlow:
            return self._run_create(self._create.arguments(given))

        described: Any = create
        parameters = self._create.parameters()
        described.__signature__ = inspect.Signature(parameters, return_annotation=DeployedFlow)
        described.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": DeployedFlow}
        described.__doc__ = f"The command {self.TYPE} create, its options as keywords."
        return create

    def cleanup(self) -> None:
        """Remove temporary files. What is deployed stays."""
        self._deployer.cleanup()

    def _run_create(self, arguments: list[str]) -> DeployedFlow:
        command = [self.TYPE, *self._arguments, "create"]
        process, file = self._program.start(command, "--deployer-attribute-file", arguments)
        follow(process, show_output=self._deployer.show_output, timeout=self._deployer.file_read_timeout)
        if process.returncode != 0:
            raise FlowkitError(f"{self.flow_name} wasn't deployed by {self.TYPE}: {said_last(process)}")
        found = json.loads(file.read_text(encoding="utf-8"))
        self.name, self.metadata = found["name"], found["metadata"]
        kind = self._program.commands.deployer_class(self.TYPE)
        opened = kind(self._program.commands.settings, {})
        deployment = opened.find(found["name"])
        if deployment is None:
            raise FlowkitError(f"{found['name']} was deployed by {self.TYPE}, and is gone: another one deleted it")
        return DeployedFlow(opened, deployment, by=self)

    def __repr__(self) -> str:
        return f"FlowDeployer({self.flow_name!r}, {self.TYPE})"
