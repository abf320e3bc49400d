"""``self.next`` while a task runs: checks the call against the graph and records it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MethodType
from typing import TYPE_CHECKING, Any, NoReturn

from flowkit.authoring.binding import NextCall, TaskBinding, binding_of
from flowkit.errors import InvalidNextError
from flowkit.interfaces.unbounded_foreach import UnboundedForeach

if TYPE_CHECKING:
    from flowkit.authoring.flowspec import FlowSpec

__all__ = ["describe_node", "record_in_place", "record_next"]

#: Kinds of nodes that go to the same steps each time.
_PLAIN = frozenset({"start", "linear", "join", "split"})


def record_next(
    flow: FlowSpec,
    steps: tuple[Any, ...],
    *,
    foreach: str | None,
    num_parallel: int | None,
    condition: str | None,
    unknown: Mapping[str, Any],
) -> None:
    """Check one call of ``self.next`` and keep it in the flow's binding. Raises InvalidNextError."""
    binding = binding_of(flow)
    if binding is None:
        raise InvalidNextError(f"self.next of {type(flow).__name__} was called where no step runs")
    if not (foreach or num_parallel or condition or unknown) and _record_plain(flow, binding, steps):
        return
    _Call(flow, binding).record(steps, foreach, num_parallel, condition, unknown)


def _record_plain(flow: FlowSpec, binding: TaskBinding, steps: tuple[Any, ...]) -> bool:
    """The most frequent call, ``self.next(self.a)``, by the shortest way; False for one to be looked at closely."""
    node = binding.graph[binding.step]
    if binding.next_call is not None or len(steps) != len(node.out_funcs) or node.type not in _PLAIN:
        return False
    flow_class = type(flow)
    for method, name in zip(steps, node.out_funcs, strict=True):
        if type(method) is not MethodType or method.__self__ is not flow:
            return False
        if method.__func__ is not getattr(flow_class, name):
            return False
    frame = sys._getframe(3)
    binding.next_call = NextCall(node.out_funcs, origin=f"{frame.f_code.co_filename}:{frame.f_lineno}")
    return True


def record_in_place(flow: FlowSpec, arguments: Mapping[str, Any], decorator: str) -> None:
    """What a decorator says in place of the step's ``self.next``, whatever was said before. Raises InvalidNextError.

    Parameters
    ----------
    arguments
        Of ``self.next``: ``foreach``, whose artifact may be another than the source names, ``num_parallel`` or
        ``condition``. Without any, the step goes on as its source says.
    """
    binding = binding_of(flow)
    if binding is None:
        raise InvalidNextError(f"{decorator} goes on to a next step where no step runs")
    binding.next_call = None
    call = _Call(flow, binding, decorator)
    call.make_up(arguments)


class _Call:
    def __init__(self, flow: FlowSpec, binding: TaskBinding, decorator: str = "") -> None:
        frame = sys._getframe(3)
        self._flow = flow
        self._binding = binding
        self._node = binding.graph[binding.step]
        self._is_made_up = bool(decorator)
        self._origin = decorator or f"{frame.f_code.co_filename}:{frame.f_lineno}"

    def make_up(self, arguments: Mapping[str, Any]) -> None:
        """Record what ``self.next`` would have been told, but for ``arguments``."""
        node, given = self._node, dict(arguments)
        if not node.out_funcs:
            return
        steps: tuple[Any, ...] = tuple(getattr(self._flow, name) for name in node.out_funcs)
        if not given and node.parallel_foreach:
            if node.num_parallel is None:
                self._fail("it can't be known how many tasks to start; give a dict with num_parallel")
            given = {"num_parallel": node.num_parallel}
        elif not given and node.foreach_param is not None:
            given = {"foreach": node.foreach_param}
        condition = given.pop("condition", node.condition)
        if condition is not None:
            steps = ({self._case(text): getattr(self._flow, name) for text, name in node.switch_cases.items()},)
        known = {name: given.pop(name, None) for name in ("foreach", "num_parallel")}
        self.record(steps, known["foreach"], known["num_parallel"], condition, given)

    def _case(self, text: str) -> Any:
        """The value of a case whose source is ``text``."""
        if text.startswith("config:"):
            config, _, key = text.removeprefix("config:").partition(".")
            return getattr(getattr(self._flow, config), key)
        value = getattr(self._flow, self._node.condition or "", None)
        # Sources of cases are texts; the artifact may be a number.
        return value if str(value) == text else text

    def record(
        self,
        steps: tuple[Any, ...],
        foreach: str | None,
        num_parallel: int | None,
        condition: str | None,
        unknown: Mapping[str, Any],
    ) -> None:
        before = self._binding.next_call
        if before is not None:
            self._fail(f"it was called before, at {before.origin}; call it once")
        if unknown:
            self._fail(f"it has no argument {next(iter(unknown))!r}; it takes foreach, num_parallel and condition")
        given = {"foreach": foreach, "num_parallel": num_parallel, "condition": condition}
        kinds = [name for name, value in given.items() if value is not None]
        if len(kinds) > 1:
            self._fail(f"{' and '.join(kinds)} can't be given together")
        if condition is not None:
            names: tuple[str, ...] = (self._choose(steps, condition),)
        else:
            names = tuple(self._step_name(one) for one in steps)
        if foreach is not None:
            self._check_items(names, foreach)
        if num_parallel is not None:
            self._check_count(names, num_parallel)
        call = NextCall(names, foreach, num_parallel, condition, self._origin)
        self._check_graph(call)
        self._binding.next_call = call

    def _step_name(self, value: Any) -> str:
        if isinstance(value, str):
            self._fail(f"{value!r} is a text; give the method: self.{value}")
        if isinstance(value, Mapping):
            self._fail('a dict of cases needs condition="name of an artifact"')
        function: Any = getattr(value, "__func__", None)
        if function is None or getattr(value, "__self__", None) is not self._flow:
            hint = ""
            overwritten = [name for name in self._binding.graph.nodes if vars(self._flow).get(name, self) is value]
            if overwritten:
                hint = f"; self.{overwritten[0]} was assigned to, and hides the step of that name: rename one of them"
            self._fail(f"its arguments are methods that are steps, not {type(value).__qualname__}{hint}")
        flow_class, nodes = type(self._flow), self._binding.graph.nodes
        name: str = function.__name__
        if name not in nodes or getattr(flow_class, name, None) is not function:
            name = next((other for other in nodes if getattr(flow_class, other, None) is function), "")
        if not name:
            self._fail(f"{function.__name__} is a method but not a step; decorate it with @step")
        return name

    def _choose(self, steps: tuple[Any, ...], condition: str) -> str:
        cases: Any = steps[0] if len(steps) == 1 else None
        if not isinstance(cases, Mapping) or not cases:
            self._fail("with condition, it takes one dict of cases: {value: self.step}")
        value = self._artifact(condition, "condition")
        try:
            chosen = cases[value]
        except (KeyError, TypeError):
            known = ", ".join(map(repr, cases))
            self._fail(f"self.{condition} is {_short(value)}, and there is no case for that; the cases are: {known}")
        return self._step_name(chosen)

    def _check_items(self, names: tuple[str, ...], foreach: str) -> None:
        if len(names) != 1:
            self._fail(f"foreach takes one step, not {len(names)}")
        items = self._artifact(foreach, "foreach")
        if isinstance(items, UnboundedForeach):
            return
        what = f"self.{foreach}, which foreach iterates over,"
        if items is None:
            self._fail(f"{what} is None; set it to a list or another collection before")
        try:
            iterator = iter(items)
        except TypeError:
            self._fail(f"{what} is of type {type(items).__qualname__}, which isn't a collection; make it a list")
        if iterator is items:
            self._fail(f"{what} is of type {type(items).__qualname__}, which has no size; make it a list: list(…)")
        for _ in iterator:
            return
        self._fail(f"{what} is empty, so that no task of {names[0]!r} would run")

    def _check_count(self, names: tuple[str, ...], num_parallel: Any) -> None:
        if len(names) != 1:
            self._fail(f"num_parallel takes one step, not {len(names)}")
        if not isinstance(num_parallel, int) or isinstance(num_parallel, bool) or num_parallel < 1:
            self._fail(f"num_parallel is {num_parallel!r}; it must be a whole number, 1 or more")

    def _artifact(self, name: Any, argument: str) -> Any:
        if not isinstance(name, str):
            self._fail(f"{argument} takes the name of an artifact as a text, not {type(name).__qualname__}")
        try:
            return getattr(self._flow, name)
        except AttributeError:
            self._fail(f"there is no artifact {name!r}; set self.{name} before, and give its name to {argument}")

    def _check_graph(self, call: NextCall) -> None:
        node = self._node
        is_foreach = call.foreach == node.foreach_param
        if self._is_made_up:
            is_foreach = (call.foreach is None) == (node.foreach_param is None)
        is_same = is_foreach and (call.num_parallel is not None) == node.parallel_foreach
        is_same = is_same and call.condition == node.condition
        if node.condition is not None:
            is_same = is_same and call.steps[0] in node.out_funcs
        else:
            is_same = is_same and call.steps == node.out_funcs
        if not is_same:
            said = f"self.next({', '.join(f'self.{name}' for name in call.steps)}…)"
            self._fail(f"{said} isn't what the graph says: {describe_node(node)}")

    def _fail(self, text: str) -> NoReturn:
        raise InvalidNextError(f"self.next in step {self._node.name!r} ({self._origin}): {text}") from None


def describe_node(node: Any) -> str:
    """Where a step goes, in words."""
    if not node.out_funcs:
        return f"{node.name!r} goes to no other step"
    targets = ", ".join(node.out_funcs)
    if node.type == "split-switch":
        return f"{node.name!r} goes to one of {targets}, by {node.condition}"
    if node.type == "foreach":
        what = "in parallel" if node.parallel_foreach else f"for each of {node.foreach_param}"
        return f"{node.name!r} goes to {targets} {what}"
    return f"{node.name!r} goes to {targets}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
