"""What to say of an artifact that isn't there."""

from __future__ import annotations

from inspect import unwrap
from typing import TYPE_CHECKING, Any

from flowkit.authoring.binding import binding_of

if TYPE_CHECKING:
    from flowkit.authoring.binding import TaskBinding

__all__ = ["missing_attribute"]


def missing_attribute(flow: Any, name: str) -> AttributeError:
    """The error for ``flow.name``: which step lacks it, what is near, and where it may be found."""
    flow_name = type(flow).__name__
    binding = binding_of(flow)
    if binding is None:
        return AttributeError(f"{flow_name} has no attribute {name!r}", name=name)
    text = f"step {binding.step!r} of {flow_name} has no artifact {name!r}"
    if name in binding.deleted:
        return AttributeError(f"{text}: it was deleted in this step", name=name)
    text += _why_not(type(flow), binding, name) if binding.inputs is None else ""
    hint = _close(name, [*binding.names(), *binding.merged, *(n for n in vars(flow) if not n.startswith("_"))])
    if binding.inputs is not None:
        holders = _holders(binding.inputs, name)
        if holders:
            text += (
                f": a join inherits nothing by itself; its inputs have it ({holders}): "
                f"call self.merge_artifacts(inputs), or read inputs[0].{name}"
            )
        else:
            text += ", and none of its inputs has it"
    return AttributeError(text + hint, name=name)


def _why_not(flow_class: type[Any], binding: TaskBinding, name: str) -> str:
    """Why a step that is no join hasn't inherited ``name``, as far as the code of the steps before it tells."""
    nodes = binding.graph.nodes
    # Steps before this one, the nearest first, each with a join after it.
    joins: dict[str, str | None] = {binding.step: None}
    queue = [binding.step]
    for step in queue:
        done = _uses(getattr(flow_class, step, None), name) if step != binding.step else ()
        if "DELETE_ATTR" in done:
            return f": step {step!r} has code that deletes self.{name}"
        if "STORE_ATTR" in done:
            join = joins[step]
            why = (
                f"nothing was stored; functions and methods aren't, so write {name} as a method of the class, or set "
                "it in this step"
                if join is None
                else f"the join {join!r} after it didn't take it over: call self.merge_artifacts(inputs) there; "
                "functions and methods are never taken over"
            )
            return f": step {step!r} has code that sets self.{name}, and {why}"
        for before in nodes[step].in_funcs:
            if before not in joins:
                joins[before] = step if nodes[step].is_join else joins[step]
                queue.append(before)
    return f": no step before it stored self.{name}"


def _uses(function: Any, name: str) -> set[str]:
    """What the function's code does with attributes called ``name``, as Python's operations."""
    code = getattr(unwrap(function), "__code__", None)
    # Few steps have the name at all: only their code is gone through.
    if code is None or name not in code.co_names:
        return set()
    from dis import get_instructions

    return {one.opname for one in get_instructions(code) if one.argval == name}


def _holders(inputs: Any, name: str) -> str:
    from flowkit.authoring.inputs import entries_of

    # The first few tell: a join may have thousands of inputs.
    first = [inputs[index] for index in range(min(len(inputs), 10))]
    return ", ".join(dict.fromkeys(task._current_step for task in first if name in entries_of(task)))


def _close(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(dict.fromkeys(known)), 3)
    return f"; did you mean {' or '.join(close)}?" if close else ""
