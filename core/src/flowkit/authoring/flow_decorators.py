"""The flow decorators that come with FlowKit, as flow authors write them: they only note their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, overload

from flowkit.authoring.decorators import note_on_flow, origin_of_caller
from flowkit.model.graph import DecoratorSpec

__all__ = ["exit_hook", "namespaced_event_name", "project", "schedule", "trigger", "trigger_on_finish"]

FlowClass = TypeVar("FlowClass", bound=type[Any])
Hook = Callable[[], object] | Callable[[Any], object]
EventName = str | Mapping[str, Any] | Callable[..., Any]


@overload
def project(flow_class: FlowClass, /) -> FlowClass: ...
@overload
def project(*, name: str, branch: str | None = None, production: bool = False) -> Callable[[FlowClass], FlowClass]: ...
def project(flow_class: Any = None, /, **attributes: Any) -> Any:
    """Make the flow one of a project, whose branches don't touch each other.

    Parameters
    ----------
    name
        Lowercase letters, digits and underscores.
    branch
        The branch to run in; ``--branch`` says it for one run. Without it, each user has a branch.
    production
        Whether it is a branch of production; ``--production`` says it for one run.
    """
    return _on_flow("project", attributes, flow_class)


@overload
def schedule(flow_class: FlowClass, /) -> FlowClass: ...
@overload
def schedule(
    *,
    hourly: bool = False,
    daily: bool = True,
    weekly: bool = False,
    cron: str | None = None,
    timezone: str | None = None,
) -> Callable[[FlowClass], FlowClass]: ...
def schedule(flow_class: Any = None, /, **attributes: Any) -> Any:
    """Say when the flow is run where it is deployed; daily if nothing is given.

    Parameters
    ----------
    hourly, daily, weekly
        How often.
    cron
        In place of those, an expression of the orchestrator's.
    timezone
        Name of the time zone that the times are in, where the orchestrator takes one.
    """
    return _on_flow("schedule", attributes, flow_class)


@overload
def trigger(flow_class: FlowClass, /) -> FlowClass: ...
@overload
def trigger(
    *, event: EventName | None = None, events: Sequence[EventName] = (), options: Mapping[str, Any] = ...
) -> Callable[[FlowClass], FlowClass]: ...
def trigger(flow_class: Any = None, /, **attributes: Any) -> Any:
    """Start the flow, where it is deployed, when an event comes.

    Parameters
    ----------
    event
        Its name; or ``{"name": …, "parameters": {"parameter": "field"}}``, to give values of the event to parameters;
        or a function that returns one of them when the flow is deployed.
    events
        Several, all of which must come.
    options
        For the orchestrator.
    """
    return _on_flow("trigger", attributes, flow_class)


@overload
def trigger_on_finish(flow_class: FlowClass, /) -> FlowClass: ...
@overload
def trigger_on_finish(
    *, flow: EventName | None = None, flows: Sequence[EventName] = (), options: Mapping[str, Any] = ...
) -> Callable[[FlowClass], FlowClass]: ...
def trigger_on_finish(flow_class: Any = None, /, **attributes: Any) -> Any:
    """Start the flow, where it is deployed, when a run of another flow has succeeded.

    On this machine, ``--trigger FLOW/RUN`` makes a run as if that run had started it.

    Parameters
    ----------
    flow
        Name of the flow, in the same project and branch; or ``"project.branch.Flow"``; or a dict of ``name``,
        ``project`` and ``project_branch``.
    flows
        Several, all of which must have succeeded.
    options
        For the orchestrator.
    """
    return _on_flow("trigger_on_finish", attributes, flow_class)


@overload
def exit_hook(flow_class: FlowClass, /) -> FlowClass: ...
@overload
def exit_hook(
    *, on_success: Sequence[Hook] = (), on_error: Sequence[Hook] = (), options: Mapping[str, Any] = ...
) -> Callable[[FlowClass], FlowClass]: ...
def exit_hook(flow_class: Any = None, /, **attributes: Any) -> Any:
    """Call functions when a run has ended; what they raise is shown and changes nothing.

    Parameters
    ----------
    on_success, on_error
        Functions; one that takes an argument gets the run.
    options
        For the orchestrator.
    """
    return _on_flow("exit_hook", attributes, flow_class)


def namespaced_event_name(name: str) -> Callable[..., str]:
    """A name of an event for ``@trigger`` that is another one in each branch of the flow's project.

    What is returned is called when the flow is deployed, with the project's name and the branch's.
    """

    def namespaced(project_name: str | None = None, branch_name: str | None = None) -> str:
        return ".".join(part for part in (project_name, branch_name, name) if part)

    namespaced.__name__ = name
    return namespaced


def _on_flow(name: str, attributes: Mapping[str, Any], flow_class: Any = None) -> Any:
    spec = DecoratorSpec(name, attributes, origin_of_caller(3))
    if flow_class is not None:
        return note_on_flow(flow_class, spec)
    return lambda decorated: note_on_flow(decorated, spec)
