"""What the commands of a deployer work on: the flow, as it is called in the orchestrator."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
import click

from flowkit.cli.context import FlowContext
from flowkit.errors import CommandError, NotFound
from flowkit.interfaces.deployer import Deployer
from flowkit.interfaces.flow_decorator import Launch
from flowkit.model.deployment import DeployedRun, Deployment

if TYPE_CHECKING:
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.engine.session import Session

__all__ = ["DeployTarget", "Surroundings", "target_of"]

_KEY = "flowkit.deploy_target"


@attrs.frozen
class Surroundings:
    """Where a flow is deployed from."""

    username: str
    session: Session
    #: What the flow's decorators made of the options, by their names.
    decorators: Mapping[str, Mapping[str, Any]]

    @property
    def project(self) -> Mapping[str, Any]:
        """``project_name``, ``branch_name``…; empty for a flow of no project."""
        return next((values for values in self.decorators.values() if "project_flow_name" in values), {})


class DeployTarget:
    """One flow and one deployer.

    Parameters
    ----------
    options
        Values of the options before the verb.
    """

    def __init__(self, context: FlowContext, kind: type[Deployer], options: Mapping[str, Any]) -> None:
        self.context = context
        self.kind = kind
        given = dict(options)
        #: What ``--name`` says.
        self.given_name: str | None = given.pop("name", None)
        self.deployer = kind(context.settings, given)

    @cached_property
    def surroundings(self) -> Surroundings:
        """Read, and what was opened for it closed."""
        return self.surroundings_of(self.context.compiled)

    def surroundings_of(self, compiled: CompiledFlow) -> Surroundings:
        """As :attr:`surroundings`, of the flow with decorators that a command's own ``--with`` adds."""
        with closing(self.context.session(compiled)) as session:
            launch = Launch(
                compiled.flow_class, compiled.graph, self.context.options, session.username, session.metadata_ref
            )
            decorators: dict[str, Mapping[str, Any]] = {}
            for decorator in compiled.flow_decorators:
                decorators[decorator.name] = {**decorators.get(decorator.name, {}), **decorator.configure(launch)}
            return Surroundings(session.username, session, decorators)

    @cached_property
    def flow_name(self) -> str:
        """The flow's, or ``project.branch.Flow``: what is deployed once."""
        project = self.surroundings.project
        return str(project["project_flow_name"]) if project else self.context.flow_class.__name__

    @cached_property
    def name(self) -> str:
        """Name of the deployment in the orchestrator.

        Raises
        ------
        CommandError
            If ``--name`` is given for a flow of a project, whose branches have names already.
        """
        if self.given_name is None:
            return self.deployer.deployment_name(self.flow_name)
        if self.surroundings.project:
            raise CommandError("--name can't be given for a flow of a project: its branch names it; give --branch")
        return self.deployer.deployment_name(self.given_name)

    @property
    def command(self) -> str:
        """How the user calls the deployer, for messages."""
        return f"python {self.context.script} {self.kind.name}"

    def deployment(self) -> Deployment:
        """What is deployed. Raises NotFound, with what to do."""
        found = self.deployer.find(self.name)
        if found is None:
            raise NotFound(
                f"nothing is deployed as {self.name!r} on {self.kind.title}: deploy the flow by '{self.command} create'"
            )
        return found

    def run(self, deployment: Deployment, run_id: str) -> DeployedRun:
        """One of its runs, named by its id or pathspec. Raises NotFound, which names the latest."""
        found = self.deployer.run(deployment, run_id.removeprefix(f"{deployment.flow}/"))
        if found is None:
            known = [run.run_id for run in self.deployer.runs(deployment)][:3]
            hint = f"the latest are {', '.join(known)}" if known else "it has none yet"
            raise NotFound(f"{deployment.name} has no run {run_id!r} on {self.kind.title}: {hint}")
        return found


def target_of(ctx: click.Context) -> DeployTarget:
    """What the group of the command that runs has set."""
    target: DeployTarget = ctx.meta[_KEY]
    return target


def keep_target(ctx: click.Context, target: DeployTarget) -> None:
    """Set it, for the commands of the group."""
    ctx.meta[_KEY] = target
