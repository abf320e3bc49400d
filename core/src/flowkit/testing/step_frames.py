"""The foreaches that a step is in, and the inputs of a join, from what a test says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flowkit.errors import CommandError
from flowkit.model.artifact import BlobRef, ItemsRef
from flowkit.model.graph import Graph
from flowkit.model.task import ForeachFrame

__all__ = ["NOT_GIVEN", "ForeachLevels", "closing_frame", "named_inputs"]


class _NotGiven:
    def __repr__(self) -> str:
        return "<not given>"


#: In place of an argument that a test left out; None is an item like any other.
NOT_GIVEN: Any = _NotGiven()


class ForeachLevels:
    """The foreaches that a task of the step is in, outermost first.

    Parameters
    ----------
    artifacts
        Of the task before: the lists that the foreaches iterate over are among them, as a rule.
    item, index
        Of the innermost foreach.
    stack
        What ``foreach_stack()`` is to return, in place of both.

    Raises
    ------
    CommandError
        If the step isn't in so many foreaches.
    """

    def __init__(
        self,
        graph: Graph,
        step: str,
        artifacts: Mapping[str, Any],
        *,
        item: Any = NOT_GIVEN,
        index: int | None = None,
        stack: Sequence[tuple[int, int | None, Any]] | None = None,
    ) -> None:
        splits = [graph[name] for name in graph[step].split_parents if graph[name].type == "foreach"]
        self._splits = [node for node in splits if node.matching_join != step]
        self._graph = graph
        self._step = step
        self._artifacts = artifacts
        #: Items by level, of those that are known.
        self.items: dict[int, Any] = {}
        is_told = item is not NOT_GIVEN or index is not None
        if stack is None:
            stack = self._stack(item, index, is_told)
        elif is_told:
            raise CommandError("foreach_stack says what input and index are: give one or the other")
        if len(stack) != len(self._splits):
            raise CommandError(
                f"step {step!r} is in {len(self._splits)} foreaches, and foreach_stack has {len(stack)} levels"
            )
        self.frames = tuple(self._frame(level, *one) for level, one in enumerate(stack))

    def _stack(self, item: Any, index: int | None, is_told: bool) -> list[tuple[int, int | None, Any]]:
        if is_told and not self._splits:
            raise CommandError(f"step {self._step!r} isn't in a foreach: input and index mean nothing there")
        stack: list[tuple[int, int | None, Any]] = []
        for node in self._splits:
            items = _listed(self._artifacts, node.foreach_param)
            is_last = node is self._splits[-1]
            at = (index if is_last else None) or 0
            value: Any = item if is_last else NOT_GIVEN
            if node.parallel_foreach:
                value, count = at, node.num_parallel
            else:
                count = None if items is None else len(items)
                if value is NOT_GIVEN and items is not None and at < len(items):
                    value = items[at]
            stack.append((at, count, value))
        return stack

    def _frame(self, level: int, index: int, count: int | None, item: Any) -> ForeachFrame:
        node = self._splits[level]
        if item is not NOT_GIVEN:
            self.items[level] = item
        return ForeachFrame(
            step=node.name,
            task_id="1",
            variable=node.foreach_param or "",
            index=index,
            num_splits=count,
            items=None if node.parallel_foreach else _ITEMS,
            control_task_id="1" if node.parallel_foreach else None,
        )

    def load_item(self, frame: ForeachFrame) -> Any:
        """The item of a foreach that wasn't told. Raises CommandError."""
        return _item(self._artifacts, frame)

    def of_input(self, artifacts: Mapping[str, Any]) -> Callable[[ForeachFrame], Any]:
        """Finds items for one of the tasks that a join joins, with its artifacts."""
        known = {frame.step: self.items[level] for level, frame in enumerate(self.frames) if level in self.items}

        def find(frame: ForeachFrame) -> Any:
            return known[frame.step] if frame.step in known else _item(artifacts, frame)

        return find


#: Says that a foreach has items; they are in no store.
_ITEMS = ItemsRef(BlobRef("", 0), 0)


def _listed(artifacts: Mapping[str, Any], name: str | None) -> list[Any] | None:
    value = artifacts.get(name) if name else None
    try:
        return None if value is None else list(value)
    except TypeError:
        return None


def _item(artifacts: Mapping[str, Any], frame: ForeachFrame) -> Any:
    items = _listed(artifacts, frame.variable)
    if items is None or frame.index >= len(items):
        raise CommandError(
            f"the item of the foreach over {frame.variable!r} isn't known here: "
            "give it, run_step(…, input=…), or the list that it is in, among the inputs"
        )
    return items[frame.index]


def closing_frame(graph: Graph, step: str, count: int) -> ForeachFrame | None:
    """The foreach that a join closes, as its first branch sees it; None if it closes none."""
    for name in reversed(graph[step].split_parents):
        node = graph[name]
        if node.type == "foreach" and node.matching_join == step:
            items = None if node.parallel_foreach else _ITEMS
            return ForeachFrame(name, "1", node.foreach_param or "", 0, count, items)
    return None


def named_inputs(graph: Graph, step: str, inputs: Any) -> list[tuple[str, Any]]:
    """The inputs of a join with the steps that they come from, in the order of the split.

    Raises
    ------
    CommandError
        If that can't be known from what was given.
    """
    before = list(graph[step].in_funcs)
    shown = ", ".join(before)
    if inputs is None:
        raise CommandError(
            f"step {step!r} is a join of {shown}: give what it joins, run_step(…, inputs=[{{'artifact': 1}}, …]), or "
            "inputs=[] for no task at all"
        )
    if isinstance(inputs, Mapping):
        if unknown := [name for name in inputs if name not in before]:
            raise CommandError(
                f"step {step!r} is a join of {shown}, not of {unknown[0]!r}: give its inputs as a list of dicts of "
                "artifacts, or by the names of those steps"
            )
        order = sorted(inputs, key=lambda name: _branch(graph, step, name))
        return [(name, one) for name in order for one in _several(inputs[name])]
    given = _several(inputs)
    names = [getattr(one, "step", None) for one in given]
    if all(name in before for name in names):
        return [(str(name), one) for name, one in zip(names, given, strict=True)]
    if len(before) == 1:
        return [(before[0], one) for one in given]
    if len(given) == len(before) and closing_frame(graph, step, 0) is None:
        order = sorted(before, key=lambda name: _branch(graph, step, name))
        return list(zip(order, given, strict=True))
    raise CommandError(f"step {step!r} is a join of {shown}: give its inputs by the names of those steps")


def _several(inputs: Any) -> list[Any]:
    is_several = isinstance(inputs, Sequence) and not isinstance(inputs, str)
    return list(inputs) if is_several else [inputs]


def _branch(graph: Graph, join: str, step: str) -> tuple[int, str]:
    """Which branch of the split that ``join`` closes a step is in."""
    splits = [graph[name] for name in graph[join].split_parents if graph[name].matching_join == join]
    for number, first in enumerate(splits[-1].out_funcs if splits else ()):
        waiting, seen = [first], {join}
        while waiting:
            name = waiting.pop()
            if name == step:
                return number, step
            if name not in seen:
                seen.add(name)
                waiting.extend(graph[name].out_funcs)
    return len(graph), step
