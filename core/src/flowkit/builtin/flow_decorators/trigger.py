"""``@trigger``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import attrs

from flowkit.builtin.step_decorators.arguments import mapping, refuse
from flowkit.errors import InvalidDecorator
from flowkit.interfaces.flow_decorator import FlowDecorator
from flowkit.model.graph import DecoratorSpec
from flowkit.model.parameter import ParameterSpec
from flowkit.model.problem import Problem

__all__ = ["TriggerDecorator"]

_EXPECTED = "an event's name, {'name': …, 'parameters': …}, or a function that returns one of them"
_PARAMETERS = "a dict from the flow's parameters to the event's fields, or a list of names and such pairs"


@attrs.frozen
class _Event:
    #: A text; or a function, called when the flow is deployed.
    name: Any
    #: From the flow's parameters to the event's fields.
    parameters: Mapping[str, str]

    def shown(self) -> dict[str, Any]:
        name = self.name if isinstance(self.name, str) else getattr(self.name, "__name__", str(self.name))
        return {"name": name, "parameters": dict(self.parameters)}


class TriggerDecorator(FlowDecorator):
    """Events that start a deployed flow. Runs on this machine take no notice of it."""

    name = "trigger"
    defaults: ClassVar[Mapping[str, Any]] = {"event": None, "events": [], "options": {}}

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        event, events = self.attributes["event"], self.attributes["events"]
        mapping(spec, "options", self.attributes["options"])
        if event is not None and events:
            raise InvalidDecorator(f"{spec.origin}: @trigger has both event and events: put all in events")
        if not isinstance(events, list | tuple):
            raise refuse(spec, "events", events, f"a list of events, each {_EXPECTED}")
        given = [("event", event)] if event is not None else [("events", one) for one in events]
        if not given:
            raise InvalidDecorator(f"{spec.origin}: @trigger needs an event: @trigger(event='name')")
        #: What starts the flow, in one form.
        self.events = [self._event(argument, value) for argument, value in given]
        names = [one.name for one in self.events if isinstance(one.name, str)]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise InvalidDecorator(f"{spec.origin}: @trigger has the event {twice!r} twice: take one out")

    def shown(self) -> DecoratorSpec:
        """All in ``events``, each with ``name`` and ``parameters``."""
        events = [one.shown() for one in self.events]
        return DecoratorSpec(self.name, {"events": events, "options": self.attributes["options"]}, self.spec.origin)

    def deployed(self, context: Any) -> DecoratorSpec:
        """With the names that functions give the events."""
        events = [self._named(event, context).shown() for event in self.events]
        names = [event["name"] for event in events]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise InvalidDecorator(f"{self.spec.origin}: @trigger has the event {twice!r} twice: take one out")
        return DecoratorSpec(self.name, {"events": events, "options": self.attributes["options"]}, self.spec.origin)

    def check_parameters(self, parameters: Sequence[ParameterSpec]) -> Iterable[Problem]:
        """Events give values to parameters that the flow has."""
        names = {one.name for one in parameters} | {one.attribute for one in parameters}
        for event in self.events:
            for parameter in event.parameters:
                if parameter not in names:
                    from flowkit.compile.problems import close_to, located

                    text = f"@trigger: the flow has no parameter {parameter!r}{close_to(parameter, names)}"
                    yield located(text, self.spec.origin, "trigger")

    def _named(self, event: _Event, context: Any) -> _Event:
        if isinstance(event.name, str):
            return event
        from flowkit.authoring.deploy_time import call_at_deployment

        what = f"{self.spec.origin}: @trigger: the event's name, computed by {event.shown()['name']},"
        value = call_at_deployment(event.name, context, what)
        if callable(value) or (isinstance(value, Mapping) and callable(value.get("name"))):
            raise refuse(self.spec, "event", value, "a name, where a function computes it")
        found = self._event("event", value)
        return attrs.evolve(found, parameters=found.parameters or event.parameters)

    def _event(self, argument: str, value: Any) -> _Event:
        if callable(value) or (isinstance(value, str) and value):
            return _Event(value, {})
        if isinstance(value, Mapping) and set(value) <= {"name", "parameters"}:
            name = value.get("name")
            if callable(name) or (isinstance(name, str) and name):
                return _Event(name, self._parameters(argument, value.get("parameters") or {}))
        raise refuse(self.spec, argument, value, _EXPECTED)

    def _parameters(self, argument: str, value: Any) -> Mapping[str, str]:
        if callable(value):
            value = value()
        pairs: list[Any]
        if isinstance(value, Mapping):
            pairs = list(value.items())
        elif isinstance(value, list | tuple):
            pairs = [(one, one) if isinstance(one, str) else one for one in value]
        else:
            raise refuse(self.spec, f"{argument}: parameters", value, _PARAMETERS)
        for pair in pairs:
            if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(isinstance(one, str) for one in pair):
                raise refuse(self.spec, f"{argument}: parameters", value, _PARAMETERS)
        names = [one for one, _ in pairs]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise InvalidDecorator(f"{self.spec.origin}: @trigger gives the parameter {twice!r} twice: take one out")
        return dict(pairs)
