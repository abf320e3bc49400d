"""``@trigger_on_finish``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import attrs
import click

from flowkit.builtin.step_decorators.arguments import mapping, refuse
from flowkit.cli.options import FlowkitOption
from flowkit.errors import FlowkitError, InvalidDecorator
from flowkit.interfaces.flow_decorator import FlowDecorator, Launch
from flowkit.model.graph import DecoratorSpec

__all__ = ["TriggerOnFinishDecorator"]

_EXPECTED = "'Flow', 'project.branch.Flow', or {'name': …, 'project': …, 'project_branch': …}"
_KEYS = {"name", "project", "project_branch"}


@attrs.frozen
class _Upstream:
    name: Any
    #: None for the project, and the branch, of the flow itself.
    project: str | None = None
    project_branch: str | None = None

    def shown(self) -> dict[str, Any]:
        name = self.name if isinstance(self.name, str) else getattr(self.name, "__name__", str(self.name))
        return {"name": name, "project": self.project, "project_branch": self.project_branch}


class TriggerOnFinishDecorator(FlowDecorator):
    """Flows whose successful runs start this one where it is deployed; ``--trigger`` tells of such a run here."""

    name = "trigger_on_finish"
    defaults: ClassVar[Mapping[str, Any]] = {"flow": None, "flows": [], "options": {}}

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        flow, flows = self.attributes["flow"], self.attributes["flows"]
        mapping(spec, "options", self.attributes["options"])
        if flow is not None and flows:
            raise InvalidDecorator(f"{spec.origin}: @trigger_on_finish has both flow and flows: put all in flows")
        if not isinstance(flows, list | tuple):
            raise refuse(spec, "flows", flows, f"a list of flows, each {_EXPECTED}")
        given = [("flow", flow)] if flow is not None else [("flows", one) for one in flows]
        if not given:
            raise InvalidDecorator(f"{spec.origin}: @trigger_on_finish needs a flow: @trigger_on_finish(flow='Name')")
        #: What starts the flow, in one form.
        self.flows = [self._upstream(argument, value) for argument, value in given]
        if twice := next((one for one in self.flows if self.flows.count(one) > 1), None):
            raise InvalidDecorator(f"{spec.origin}: @trigger_on_finish has {twice.name!r} twice: take one out")

    @classmethod
    def options(cls) -> Iterable[click.Parameter]:
        """``--trigger``."""
        yield FlowkitOption(
            ["--trigger"],
            multiple=True,
            metavar="FLOW/RUN",
            help="A finished run to act as if this one had been started by it: current.trigger (repeatable).",
        )

    def shown(self) -> DecoratorSpec:
        """All in ``flows``, each with ``name``, ``project`` and ``project_branch``."""
        flows = [one.shown() for one in self.flows]
        return DecoratorSpec(self.name, {"flows": flows, "options": self.attributes["options"]}, self.spec.origin)

    def configure(self, launch: Launch) -> Mapping[str, Any]:
        """The events that ``--trigger`` gives."""
        pathspecs = tuple(dict.fromkeys(launch.options.get("trigger") or ()))
        if not pathspecs:
            return {}
        place = f"{launch.metadata.name}@{launch.metadata.root}"
        return {"metadata": place, "events": [_event(pathspec, place) for pathspec in pathspecs]}

    def current(self, configured: Mapping[str, Any]) -> Mapping[str, Any]:
        """``current.trigger``; None where nothing started the run."""
        if not configured:
            return {}
        from flowkit.client.trigger import Trigger

        return {"trigger": Trigger.of(configured["events"], configured["metadata"])}

    def run_info(self, configured: Mapping[str, Any]) -> Mapping[str, Any]:
        """The events, for ``Run.trigger``."""
        return {"triggers": configured["events"]} if configured else {}

    def deployed(self, context: Any) -> DecoratorSpec:
        """With the names that functions give the flows, each with its project and branch, where there are any."""
        flows = [self._named(one, context).shown() for one in self.flows]
        return DecoratorSpec(self.name, {"flows": flows, "options": self.attributes["options"]}, self.spec.origin)

    def _named(self, upstream: _Upstream, context: Any) -> _Upstream:
        if not isinstance(upstream.name, str):
            from flowkit.authoring.deploy_time import call_at_deployment

            what = f"{self.spec.origin}: @trigger_on_finish: the flow, computed by {upstream.shown()['name']},"
            value = call_at_deployment(upstream.name, context, what)
            if callable(value):
                raise refuse(self.spec, "flow", value, "a name, where a function computes it")
            upstream = self._upstream("flow", value)
        return attrs.evolve(
            upstream,
            project=upstream.project or context.project_name,
            project_branch=upstream.project_branch or context.branch_name,
        )

    def _upstream(self, argument: str, value: Any) -> _Upstream:
        if callable(value):
            return _Upstream(value)
        if isinstance(value, Mapping) and set(value) <= _KEYS and value.get("name"):
            if all(isinstance(one, str) and one for one in value.values()):
                return _Upstream(value["name"], value.get("project"), value.get("project_branch"))
        elif isinstance(value, str):
            parts = value.split(".")
            if len(parts) == 1 and value.isidentifier():
                return _Upstream(value)
            if len(parts) > 2 and all(parts) and parts[-1].isidentifier():
                return _Upstream(parts[-1], parts[0], ".".join(parts[1:-1]))
        raise refuse(self.spec, argument, value, _EXPECTED)


def _event(pathspec: str, place: str) -> Mapping[str, Any]:
    from flowkit.client.run import Run
    from flowkit.client.run_context import View

    parts = pathspec.split("/")
    if len(parts) != 2 or not all(parts):
        raise FlowkitError(f"--trigger {pathspec!r} isn't of the form FLOW/RUN")
    run = Run._at(View(place, None), tuple(parts))
    end = run.end_task if run.successful else None
    if end is None:
        raise FlowkitError(f"--trigger {pathspec}: that run hasn't succeeded, so it would have started nothing")
    finished = end.finished_at or run.created_at
    return {
        "name": f"flowkit.{parts[0]}.{end.parent.id}",
        "id": end.pathspec,
        "timestamp": finished.timestamp(),
        "type": "run",
    }
