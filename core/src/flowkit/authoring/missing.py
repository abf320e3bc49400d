"""What to say of an artifact that isn't there."""

from __future__ import annotations

from typing import Any

from flowkit.authoring.binding import binding_of

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
    text += ": no step before it set self." + name
    hint = _close(name, [*binding.names(), *binding.merged, *(n for n in vars(flow) if not n.startswith("_"))])
    if binding.inputs is not None:
        holders = _holders(binding.inputs, name)
        text = f"step {binding.step!r} of {flow_name} has no artifact {name!r}"
        if holders:
            text += (
                f": a join inherits nothing by itself; its inputs have it ({holders}): "
                f"call self.merge_artifacts(inputs), or read inputs[0].{name}"
            )
        else:
            text += ", and none of its inputs has it"
    return AttributeError(text + hint, name=name)


def _holders(inputs: Any, name: str) -> str:
    from flowkit.authoring.inputs import entries_of

    # The first few tell: a join may have thousands of inputs.
    first = [inputs[index] for index in range(min(len(inputs), 10))]
    return ", ".join(dict.fromkeys(task._current_step for task in first if name in entries_of(task)))


def _close(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(dict.fromkeys(known)), 3)
    return f"; did you mean {' or '.join(close)}?" if close else ""
