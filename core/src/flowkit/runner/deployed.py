"""A flow that is deployed, found again or just now."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import click

from flowkit.cli.deploying.parameters import parameter_options, parameter_texts
from flowkit.cli.deploying.tokens import TokenFile, check_token
from flowkit.errors import NotFound, ParameterError
from flowkit.interfaces.deployer import Deployer
from flowkit.kernel.registry import default_registry
from flowkit.model.deployment import Deployment
from flowkit.runner.keywords import Keywords
from flowkit.runner.triggered import TriggeredRun
from flowkit.settings import Settings

__all__ = ["DeployedBy", "DeployedFlow"]

#: Other systems' words for how a run is.
_WORDS = {"aborted": "terminated", "error": "failed", "timedout": "timed_out", "timed-out": "timed_out"}


@attrs.frozen
class DeployedBy:
    """What deployed a flow."""

    #: Name of the deployer: ``argo-workflows``.
    TYPE: str
    #: Name of the deployment.
    name: str
    flow_name: str
    metadata: str


class _ByDeployer(type):
    """Class methods that name a deployer: ``from_argo_workflows``, ``list_argo_workflows``…"""

    def __getattr__(cls, name: str) -> Any:
        for prefix, suffix, method in (
            ("get_triggered_", "_run", "get_triggered_run"),
            ("from_", "", "from_deployment"),
            ("list_", "", "list_deployed_flows"),
        ):
            if name.startswith(prefix) and name.endswith(suffix):
                impl = name[len(prefix) : len(name) - len(suffix)].replace("_", "-")
                if impl in default_registry().names("deployers"):
                    return functools.partial(getattr(cls, method), impl=impl)
        raise AttributeError(f"type object 'DeployedFlow' has no attribute {name!r}")


class DeployedFlow(metaclass=_ByDeployer):
    """A deployed flow: what ``Deployer(file).NAME().create()`` returns, and :meth:`from_deployment` finds.

    For each deployer that is installed there are the class methods ``from_NAME``, ``get_triggered_NAME_run`` and
    ``list_NAME``, which are those below with ``impl="NAME"``.
    """

    def __init__(self, deployer: Deployer, deployment: Deployment, by: Any = None, metadata: str | None = None) -> None:
        self._deployer = deployer
        self._deployment = deployment
        self.metadata: str = metadata or f"{deployment.metadata.name}@{deployment.metadata.root}"
        #: What deployed it: has ``TYPE``, ``name``, ``flow_name`` and ``metadata``.
        self.deployer: Any = by or DeployedBy(deployer.name, deployment.name, deployment.flow, self.metadata)

    # --- found -----------------------------------------------------------------------------------------------------

    @classmethod
    def from_deployment(cls, identifier: str, metadata: str | None = None, impl: str | None = None) -> DeployedFlow:
        """What is deployed under a name.

        Parameters
        ----------
        metadata
            Where its runs are recorded, ``provider@location``, in place of what the deployment says.
        impl
            Name of the deployer; that of the setting DEFAULT_FROM_DEPLOYMENT_IMPL if it isn't given, else all are
            asked.

        Raises
        ------
        NotFound
            If there is nothing of the name.
        """
        settings = Settings.load()
        names = _deployers(impl, settings)
        for name in names:
            deployer = _open(name, settings)
            found = deployer.find(identifier)
            if found is not None:
                return cls(deployer, found, metadata=metadata)
        raise NotFound(f"nothing is deployed as {identifier!r} by {' or '.join(names)}: deploy the flow by 'create'")

    @classmethod
    def get_triggered_run(
        cls, identifier: str, run_id: str, metadata: str | None = None, impl: str | None = None
    ) -> TriggeredRun:
        """A run of what is deployed under a name; ``run_id`` may be its pathspec. Raises NotFound."""
        flow = cls.from_deployment(identifier, metadata, impl)
        run = flow._deployer.run(flow._deployment, run_id.rpartition("/")[2])
        if run is None:
            raise NotFound(f"{identifier} has no run {run_id!r} on {flow._deployer.title}")
        return TriggeredRun(flow._deployer, flow._deployment, run, flow.metadata)

    @classmethod
    def list_deployed_flows(cls, flow_name: str | None = None, impl: str | None = None) -> list[DeployedFlow]:
        """All that is deployed, of one flow or of all; by one deployer, or by all."""
        settings = Settings.load()
        deployers = [_open(name, settings) for name in _deployers(impl, settings, every=True)]
        return [cls(deployer, found) for deployer in deployers for found in deployer.deployments(flow_name)]

    # --- itself ----------------------------------------------------------------------------------------------------

    @property
    def TYPE(self) -> str:  # noqa: N802 - as it is elsewhere
        """Name of the deployer."""
        return self._deployer.name

    @property
    def name(self) -> str:
        """Name of the deployment."""
        return self._deployment.name

    @property
    def flow_name(self) -> str:
        """Name of the flow."""
        return self._deployment.flow

    @property
    def production_token(self) -> str:
        """Whoever gives it may deploy over this deployment."""
        return self._deployment.production_token

    @property
    def trigger(self) -> Callable[..., TriggeredRun]:
        """Start a run; the keyword arguments are the flow's parameters, as they were when it was deployed."""
        own = list(self._deployer.verb_options("trigger"))
        options: list[click.Parameter] = [*parameter_options(self._deployment.parameters), *own]
        keywords = Keywords("DeployedFlow.trigger", options)

        def trigger(**given: Any) -> TriggeredRun:
            values = _parsed(options, keywords.arguments(given))
            self._deployer.options = {**self._deployer.options, **{str(one.name): values[str(one.name)] for one in own}}
            run = self._deployer.trigger(self._deployment, parameter_texts(self._deployment.parameters, values))
            return TriggeredRun(self._deployer, self._deployment, run, self.metadata)

        described: Any = trigger
        parameters = keywords.parameters()
        described.__signature__ = inspect.Signature(parameters, return_annotation=TriggeredRun)
        described.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": TriggeredRun}
        described.__doc__ = f"Start a run of {self.name} on {self._deployer.title}."
        return trigger

    def list_runs(self, states: Sequence[str] | None = None) -> list[TriggeredRun]:
        """Its runs, the newest first; with ``states`` (``["running", "failed"]``), those that are so."""
        wanted = None if states is None else {_WORDS.get(state.lower(), state.lower()) for state in states}
        runs = self._deployer.runs(self._deployment)
        return [
            TriggeredRun(self._deployer, self._deployment, run, self.metadata)
            for run in runs
            if wanted is None or run.status in wanted
        ]

    def delete(self, authorize: str | None = None) -> bool:
        """Take it away; False if that was done already. Its runs that go on are left alone.

        Parameters
        ----------
        authorize
            The production token, where another user has deployed the flow.

        Raises
        ------
        ProductionTokenError
            If it needs one.
        """
        settings = self._deployer.settings
        known = TokenFile(settings.home).get(self._deployer.name, self.name)
        username = default_registry().hook.flowkit_username(settings=settings)
        check_token(self._deployment, known, authorize, username, "delete(authorize=TOKEN)", "delete")
        return self._deployer.delete(self.name)

    def __repr__(self) -> str:
        return f"DeployedFlow({self.name!r}, {self._deployer.name})"


def _deployers(impl: str | None, settings: Settings, *, every: bool = False) -> tuple[str, ...]:
    chosen = impl or (None if every else settings.get("DEFAULT_FROM_DEPLOYMENT_IMPL"))
    return default_registry().names("deployers") if chosen is None else (chosen.replace("_", "-"),)


def _open(name: str, settings: Settings) -> Deployer:
    kind: type[Deployer] = default_registry().get("deployers", name)
    return kind(settings, {})


def _parsed(options: Sequence[click.Parameter], arguments: list[str]) -> dict[str, Any]:
    """The values, each of its type. Raises ParameterError."""
    command = click.Command("trigger", params=list(options), add_help_option=False)
    try:
        with command.make_context("trigger", arguments) as ctx:
            return dict(ctx.params)
    except click.UsageError as error:
        raise ParameterError(error.format_message()) from None
