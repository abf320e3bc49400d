"""``@catch``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from flowkit.authoring.binding import NextCall, binding_of
from flowkit.builtin.step_decorators.arguments import refuse
from flowkit.errors import CaughtException, FailureHandledByCatch, StepTimeout
from flowkit.interfaces.step_decorator import Attempts, StepDecorator, TaskContext
from flowkit.model.graph import DecoratorSpec, Graph
from flowkit.model.problem import Problem

__all__ = ["CatchDecorator"]


class CatchDecorator(StepDecorator):
    """Lets the flow go on though a step has failed in all its attempts."""

    name = "catch"
    acts_in_spin = False
    defaults: ClassVar[Mapping[str, Any]] = {"var": None, "print_exception": True}
    #: Outermost: whatever the others raise is handled.
    order = 0

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        self._var: str | None = self.attributes["var"]
        if self._var is not None and not _can_be_artifact(self._var):
            raise refuse(spec, "var", self._var, "the name of an artifact")

    def check(self, graph: Graph, step: str) -> Iterable[Problem]:
        """It can't say where a foreach or a switch would have gone; and ``var`` must be free."""
        node = graph[step]
        kind = {"foreach": "splits by a foreach", "split-switch": "is a switch"}.get(node.type)
        if kind:
            text = f"step {step!r} {kind}, whose way is unknown after a failure: @catch can't be on it"
            yield Problem(f"{text}; move the work that may fail to a step before", node.file, node.line, step, "catch")
        if self._var in graph:
            text = f"step {step!r}: @catch(var={self._var!r}): that is the name of a step; choose another"
            yield Problem(text, node.file, node.line, step, "catch")

    def attempts(self) -> Attempts:
        """One more, for the case that the process died and nothing could be caught in it."""
        return Attempts(fallbacks=1)

    def around(self, run: Callable[[], None], context: TaskContext) -> None:
        """Run the step; in its last attempt, turn an exception into an artifact."""
        if context.spec.is_fallback:
            self._handle(FailureHandledByCatch(context.spec.step, context.spec.attempt), context)
            return
        try:
            run()
        # What ends the run itself (KeyboardInterrupt) isn't caught.
        except (Exception, StepTimeout, SystemExit) as error:
            if not context.is_last_attempt():
                raise
            self._handle(error, context)
        else:
            self._store(None, context)

    def _handle(self, error: BaseException, context: TaskContext) -> None:
        caught = CaughtException.of(error)
        # It is stored as an artifact, where no log's redaction comes.
        caught = CaughtException(*map(context.redacted, (caught.exception, caught.type, caught.stacktrace)))
        if self.attributes["print_exception"]:
            lines = caught.stacktrace.rstrip().splitlines()
            text = "".join(f">  {line}\n" for line in lines)
            sys.stderr.write(f"@catch caught an exception of step {context.spec.step!r}:\n{text}")
        binding = binding_of(context.flow)
        steps = context.graph[context.spec.step].out_funcs
        if binding is not None and binding.next_call is None and steps:
            binding.next_call = NextCall(steps, origin="@catch")
        self._store(caught, context)

    def _store(self, value: CaughtException | None, context: TaskContext) -> None:
        if self._var is not None:
            setattr(context.flow, self._var, value)


def _can_be_artifact(name: Any) -> bool:
    return isinstance(name, str) and name.isidentifier() and not name.startswith("__")
