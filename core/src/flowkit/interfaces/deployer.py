"""Orchestrators that a flow is deployed to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from flowkit.errors import FlowkitError
from flowkit.model.deployment import DeployedRun, Deployment, DeploymentRequest
from flowkit.model.problem import Problem

if TYPE_CHECKING:
    from flowkit.settings import Settings

__all__ = ["DEPLOYER_VERBS", "Deployer", "DeployerVerb"]

#: The commands that every deployer has; those about suspending only where it can.
DeployerVerb = Literal[
    "create", "trigger", "delete", "list", "list-runs", "status", "terminate", "suspend", "unsuspend"
]
DEPLOYER_VERBS: tuple[DeployerVerb, ...] = (
    "create",
    "trigger",
    "delete",
    "list",
    "list-runs",
    "status",
    "terminate",
    "suspend",
    "unsuspend",
)


class Deployer(ABC):
    """Compiles a plan into an orchestrator's own form, submits it, and starts, shows and stops its runs.

    From each deployer come the commands ``python flow.py NAME create|trigger|delete|…``, and ``Deployer(file).NAME()``
    of the Python interface. What they share (tokens, parameters, projects, code packages) is done by then.

    Contract: :class:`flowkit.testing.deployer.DeployerContract`.

    Parameters
    ----------
    settings
        The configuration.
    options
        Values of :meth:`group_options`, by name; None or absent for those that weren't given.
    """

    api_version: ClassVar[int] = 1
    #: As in the command line: ``argo-workflows``.
    name: ClassVar[str]
    #: For messages: ``Argo Workflows``.
    title: ClassVar[str]
    #: Whether its runs can be suspended: there are commands for that then.
    can_suspend: ClassVar[bool] = False
    #: How many tasks may run at once if ``--max-workers`` isn't given.
    default_max_workers: ClassVar[int] = 100

    def __init__(self, settings: Settings, options: Mapping[str, Any]) -> None:
        self.settings = settings
        self.options = options

    # --- its command line ------------------------------------------------------------------------------------------

    @classmethod
    def group_options(cls) -> Iterable[Any]:
        """click options that stand before the verb, besides ``--name``."""
        return ()

    @classmethod
    def verb_options(cls, verb: DeployerVerb) -> Iterable[Any]:  # noqa: ARG003 - for those that override it
        """click options of a verb, besides those that all deployers have. Of ``create``, they are in the request."""
        return ()

    @classmethod
    def commands(cls) -> Iterable[Any]:
        """More click commands of its group; one of a verb's name takes that one's place."""
        return ()

    # --- deploying -------------------------------------------------------------------------------------------------

    def deployment_name(self, name: str) -> str:
        """The name in the orchestrator of a deployment called ``name``: the flow's, or ``project.branch.Flow``.

        Two names that differ must stay different.
        """
        return name

    def notices(self, request: DeploymentRequest) -> Iterable[str]:
        """Lines to tell the user: what the orchestrator leaves out of what the flow asks for."""
        return ()

    @abstractmethod
    def check(self, request: DeploymentRequest) -> Iterable[Problem]:
        """Limits of the orchestrator that this flow would pass, and what it can't do. If any, nothing is deployed."""

    @abstractmethod
    def compile(self, request: DeploymentRequest) -> Mapping[str, Any]:
        """The orchestrator's objects, as JSON values. Has no effects: ``--only-json`` shows it."""

    @abstractmethod
    def create(self, request: DeploymentRequest, compiled: Mapping[str, Any]) -> Deployment:
        """Submit, over a deployment of the same name if there is one.

        Parameters
        ----------
        compiled
            What :meth:`compile` made of the request.
        """

    @abstractmethod
    def delete(self, name: str) -> bool:
        """Take a deployment away; False if there was none. Runs that go on are left alone."""

    @abstractmethod
    def find(self, name: str) -> Deployment | None:
        """A deployment; None if there is none of the name."""

    @abstractmethod
    def deployments(self, flow: str | None = None) -> Iterable[Deployment]:
        """All of one flow, or of all flows, by name."""

    # --- its runs --------------------------------------------------------------------------------------------------

    @abstractmethod
    def trigger(self, deployment: Deployment, parameters: Mapping[str, str | tuple[str, ...]]) -> DeployedRun:
        """Start a run, and return without waiting for it.

        Parameters
        ----------
        parameters
            Values that were given, by the parameters' names (not their attributes), as the texts that a command line
            would have; several for one of ``multiple``. The others take their defaults.
        """

    @abstractmethod
    def runs(self, deployment: Deployment) -> Iterable[DeployedRun]:
        """Its runs, the newest first."""

    @abstractmethod
    def run(self, deployment: Deployment, run_id: str) -> DeployedRun | None:
        """One of them; None if there is none such."""

    @abstractmethod
    def terminate(self, deployment: Deployment, run_id: str) -> bool:
        """End a run; False if it had ended, or there is none such."""

    def suspend(self, deployment: Deployment, run_id: str) -> bool:
        """Start no more tasks of a run until :meth:`unsuspend`; False if it has ended, or there is none such."""
        raise FlowkitError(f"{self.title} can't suspend runs: terminate {run_id!r}, and resume it later")

    def unsuspend(self, deployment: Deployment, run_id: str) -> bool:
        """Go on with a suspended run; False if it has ended, or there is none such."""
        raise FlowkitError(f"{self.title} can't suspend runs, so there is nothing to go on with")
