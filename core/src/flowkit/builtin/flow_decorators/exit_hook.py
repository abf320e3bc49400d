"""``@exit_hook``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from flowkit.builtin.step_decorators.arguments import mapping, refuse
from flowkit.errors import InvalidDecorator
from flowkit.interfaces.flow_decorator import FlowDecorator, Launch
from flowkit.model.graph import DecoratorSpec
from flowkit.model.record import RunRecord
from flowkit.model.task import StoreRef

__all__ = ["ExitHookDecorator"]


class ExitHookDecorator(FlowDecorator):
    """Functions that are called when a run has ended, in the launching process."""

    name = "exit_hook"
    acts_in_spin = False
    defaults: ClassVar[Mapping[str, Any]] = {"on_success": [], "on_error": [], "options": {}}
    allow_multiple = True

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        self._on_success = self._functions("on_success")
        self._on_error = self._functions("on_error")
        mapping(spec, "options", self.attributes["options"])
        if not self._on_success and not self._on_error:
            raise InvalidDecorator(f"{spec.origin}: @exit_hook needs functions: on_success=[…], on_error=[…], or both")
        self._metadata: StoreRef | None = None

    def shown(self) -> DecoratorSpec:
        """With the functions' names."""
        names = {"on_success": _names(self._on_success), "on_error": _names(self._on_error)}
        return DecoratorSpec(self.name, {**names, "options": self.attributes["options"]}, self.spec.origin)

    def configure(self, launch: Launch) -> Mapping[str, Any]:
        """Keep in mind where the run is recorded."""
        self._metadata = launch.metadata
        return {}

    def launch_finished(self, flow_class: type[Any], run: RunRecord, *, succeeded: bool) -> None:
        """Call the functions, each with the run if it takes an argument. What one raises is shown."""
        for function in self._on_success if succeeded else self._on_error:
            try:
                function(*([self._client_run(run)] if _takes_run(function) else []))
            except (Exception, SystemExit) as error:
                self._show(function, error)
        sys.stdout.flush()

    def _functions(self, argument: str) -> Sequence[Callable[..., Any]]:
        value = self.attributes[argument]
        functions = [value] if callable(value) else value
        if not isinstance(functions, list | tuple) or not all(map(callable, functions)):
            raise refuse(self.spec, argument, value, "a list of functions")
        for function in functions:
            if _required_arguments(function) > 1:
                raise refuse(self.spec, argument, _name(function), "functions of no argument, or of one: the run")
        return list(functions)

    def _client_run(self, run: RunRecord) -> Any:
        from flowkit.client.run import Run
        from flowkit.client.run_context import View

        place = self._metadata or StoreRef("local", "")
        return Run._at(View(f"{place.name}@{place.root}", None), (run.flow, run.run_id))

    def _show(self, function: Callable[..., Any], error: BaseException) -> None:
        from flowkit.task.failure import print_failure

        sys.stdout.flush()
        sys.stderr.write(f"@exit_hook: {_name(function)} failed, which doesn't change how the run ended:\n")
        print_failure(error)


def _names(functions: Sequence[Callable[..., Any]]) -> list[str]:
    return [_name(function) for function in functions]


def _name(function: Any) -> str:
    return str(getattr(function, "__qualname__", None) or type(function).__qualname__)


def _positional(function: Callable[..., Any]) -> list[Any]:
    from inspect import Parameter, signature

    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):  # built-in functions that don't tell
        return []
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD, Parameter.VAR_POSITIONAL)
    return [one for one in parameters if one.kind in kinds]


def _takes_run(function: Callable[..., Any]) -> bool:
    return bool(_positional(function))


def _required_arguments(function: Callable[..., Any]) -> int:
    from inspect import Parameter

    own = _positional(function)
    return sum(1 for one in own if one.default is Parameter.empty and one.kind is not Parameter.VAR_POSITIONAL)
