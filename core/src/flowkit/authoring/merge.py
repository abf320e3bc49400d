"""``merge_artifacts``: what a join takes over from its inputs, by comparing hashes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flowkit.authoring.binding import TaskBinding, binding_of
from flowkit.authoring.bound import CHANGED_ITEMS
from flowkit.authoring.inputs import Input, entries_of
from flowkit.errors import MergeArtifactsError, MissingInMergeArtifacts, UnhandledInMergeArtifacts
from flowkit.model.artifact import ArtifactEntry

if TYPE_CHECKING:
    from flowkit.authoring.flowspec import FlowSpec

__all__ = ["merge"]


def merge(flow: FlowSpec, inputs: Iterable[Any], exclude: list[str], include: list[str]) -> None:
    """Record in the flow's binding which artifacts come from which input. Raises MergeArtifactsError."""
    binding = binding_of(flow)
    if binding is None or not binding.graph[binding.step].is_join:
        where = "where no step runs" if binding is None else f"in step {binding.step!r}, which isn't a join"
        raise MergeArtifactsError(
            f"merge_artifacts was called {where}; it merges the inputs of a step that takes self and inputs"
        )
    if exclude and include:
        raise MergeArtifactsError(
            f"merge_artifacts in step {binding.step!r}: give exclude or include, not both; "
            "include names all that is taken, exclude what isn't"
        )
    found, unhandled = _collect(flow, binding, inputs, set(exclude), set(include))
    if unhandled:
        raise UnhandledInMergeArtifacts(
            f"step {binding.step!r} can't merge {', '.join(unhandled)}: the inputs have different values; "
            f"set self.{unhandled[0]} before merge_artifacts, or name it in exclude",
            unhandled,
        )
    missing = [name for name in include if name not in found and not _is_set(flow, binding, name)]
    if missing:
        raise MissingInMergeArtifacts(
            f"step {binding.step!r}: merge_artifacts is to include {', '.join(missing)}, which no input has", missing
        )
    for name, (entry, source) in found.items():
        binding.merged[name] = entry
        binding.merged_from[name] = source
        binding.deleted.discard(name)


def _collect(
    flow: FlowSpec, binding: TaskBinding, inputs: Iterable[Any], exclude: set[str], include: set[str]
) -> tuple[dict[str, tuple[ArtifactEntry, Input]], list[str]]:
    """What would be taken, and the names on which inputs disagree."""
    found: dict[str, tuple[ArtifactEntry, Input]] = {}
    unhandled: dict[str, None] = {}
    is_set: dict[str, bool] = {}
    for source in inputs:
        if not isinstance(source, Input):
            raise MergeArtifactsError(
                f"step {binding.step!r}: merge_artifacts takes the join's inputs, not {type(source).__qualname__}"
            )
        for name, entry in entries_of(source).items():
            # Of its own branch alone.
            if name == CHANGED_ITEMS or name in exclude or (include and name not in include):
                continue
            if name not in is_set:
                is_set[name] = _is_set(flow, binding, name)
            if is_set[name]:
                continue
            if name not in found:
                found[name] = (entry, source)
            elif found[name][0].hash != entry.hash:
                unhandled[name] = None
    return found, list(unhandled)


def _is_set(flow: FlowSpec, binding: TaskBinding, name: str) -> bool:
    """As ``hasattr(flow, name)``, with nothing loaded."""
    return name in vars(flow) or name in binding.read_only or binding.has(name) or hasattr(type(flow), name)
