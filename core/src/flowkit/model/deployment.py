"""A flow in the hands of an orchestrator, and the runs that it starts there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from flowkit.model.parameter import ParameterSpec
from flowkit.model.plan import Plan
from flowkit.model.task import StoreRef

__all__ = ["ENDED", "DeployedRun", "DeployedRunStatus", "Deployment", "DeploymentRequest"]

#: ``pending``: asked for, and not begun. ``terminated``: a user ended it. ``timed_out``: the workflow's time was over.
DeployedRunStatus = Literal["pending", "running", "suspended", "succeeded", "failed", "timed_out", "terminated"]

#: The states in which a run stays.
ENDED: frozenset[DeployedRunStatus] = frozenset({"succeeded", "failed", "timed_out", "terminated"})


@attrs.frozen
class Deployment:
    """What an orchestrator keeps of a deployed flow."""

    #: Name of the deployer.
    deployer: str
    #: In the orchestrator; one for each flow, or for each branch of its project.
    name: str
    flow: str
    username: str
    #: Seconds since the epoch.
    created_at: float
    #: Whoever gives it may deploy over this deployment.
    production_token: str
    #: Where its runs are recorded.
    metadata: StoreRef
    parameters: tuple[ParameterSpec, ...] = ()
    #: Hash of the code package.
    code: str = ""
    #: ``project_name``, ``branch_name``… of a flow of a project.
    project: Mapping[str, Any] = attrs.field(factory=dict)
    #: Facts of the deployer's own, as JSON values.
    info: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class DeployedRun:
    """A run of a deployment."""

    deployment: str
    flow: str
    #: The run's id, as the client has it; there may be no such run yet.
    run_id: str
    status: DeployedRunStatus
    #: Seconds since the epoch; None where it hasn't come to that.
    started_at: float | None = None
    finished_at: float | None = None
    #: The orchestrator's own word for the status; empty for FlowKit's.
    phase: str = ""
    #: What the orchestrator says of it: why it failed.
    message: str = ""

    @property
    def pathspec(self) -> str:
        """``Flow/run``."""
        return f"{self.flow}/{self.run_id}"


@attrs.frozen
class DeploymentRequest:
    """All that is known of a flow that is to be deployed."""

    plan: Plan
    #: In the orchestrator.
    name: str
    datastore: StoreRef
    metadata: StoreRef
    username: str
    production_token: str
    #: For client calls in the tasks.
    namespace: str
    tags: tuple[str, ...] = ()
    system_tags: tuple[str, ...] = ()
    #: How many tasks may run at once.
    max_workers: int = 100
    #: Seconds after which a run is ended; None for no limit.
    workflow_timeout: float | None = None
    #: Hash of the code package, which is in the datastore.
    code: str = ""
    #: Name of the flow's file in the code package.
    entry: str = ""
    #: Environment variables with which a process has the plugins that this one has.
    variables: Mapping[str, str] = attrs.field(factory=dict)
    #: Decorators given by ``--with``, as text.
    decospecs: tuple[str, ...] = ()
    #: Values of the flow's configurations, by name: what they are now counts for all runs.
    configs: Mapping[str, Any] = attrs.field(factory=dict)
    #: What the flow's decorators made of the options, by their names.
    decorators: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    #: ``project_name``, ``branch_name``… of a flow of a project.
    project: Mapping[str, Any] = attrs.field(factory=dict)
    #: Values of the top-level options, as JSON values.
    flow_options: Mapping[str, Any] = attrs.field(factory=dict)
    #: Values of the deployer's own options, by name.
    options: Mapping[str, Any] = attrs.field(factory=dict)

    def deployment(self, deployer: str, created_at: float, **info: Any) -> Deployment:
        """What is to be kept of it."""
        return Deployment(
            deployer=deployer,
            name=self.name,
            flow=self.plan.name,
            username=self.username,
            created_at=created_at,
            production_token=self.production_token,
            metadata=self.metadata,
            parameters=self.plan.parameters,
            code=self.code,
            project=self.project,
            info=info,
        )
