"""What a task leaves: its artifacts, and where it went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flowkit.artifacts.layout import manifest_key
from flowkit.authoring.binding import TaskBinding, own_artifacts
from flowkit.authoring.bound import CHANGED_ITEMS
from flowkit.errors import DatastoreError, FlowkitError, InvalidNextError, UnpicklableArtifact
from flowkit.interfaces.unbounded_foreach import UnboundedForeach
from flowkit.model.artifact import ArtifactEntry, FailureSummary, Manifest, Transition
from flowkit.model.task import TaskSpec
from flowkit.task.changed_items import changed_items

if TYPE_CHECKING:
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.compile.compiler import CompiledFlow

__all__ = ["fan_out", "manifest_key_of", "save_artifacts", "transition_of", "write_manifest"]


def save_artifacts(
    flow: Any,
    binding: TaskBinding,
    inherited: Mapping[str, ArtifactEntry],
    store: ArtifactStore,
    *,
    chosen: Mapping[str, str] = MappingProxyType({}),
    skip_failing: bool = False,
) -> dict[str, ArtifactEntry]:
    """Store every attribute of ``flow``, and refer to what was inherited or merged and not touched.

    Parameters
    ----------
    chosen
        Names of serializers that must store artifacts, by artifact.
    skip_failing
        Leave out what can't be stored: for an attempt that failed, whose artifacts are only looked at.

    Raises
    ------
    UnpicklableArtifact
        That names the artifact.
    DatastoreError
        If the store refuses.
    """
    known = {
        name: entry for name, entry in (*inherited.items(), *binding.merged.items()) if name not in binding.deleted
    }
    entries = dict(known)
    own = own_artifacts(flow)
    if binding.items and (changed := changed_items(binding, store)):
        own = {**own, CHANGED_ITEMS: changed}
    for name, value in own.items():
        if name in binding.read_only and name in inherited:
            continue
        try:
            previous = known.get(name) if name in binding.loaded else None
            entries[name] = store.save(name, value, previous=previous, serializer=chosen.get(name))
        except FlowkitError as error:
            if not skip_failing:
                if isinstance(error, UnpicklableArtifact):
                    _locate(error, type(flow), binding.step, name)
                elif isinstance(error, DatastoreError):
                    error.message = f"self.{name} can't be stored: {error.message}"
                raise
            entries.pop(name, None)
    return entries


def _locate(error: UnpicklableArtifact, flow_class: type[Any], step: str, name: str) -> None:
    """Add the line that set the artifact to the message, where the source shows it."""
    from flowkit.compile.assignments import where_set

    if (where := where_set(flow_class, step, name)) is not None:
        error.message = f"{where}: {error.message}"


def transition_of(flow: Any, binding: TaskBinding, store: ArtifactStore) -> Transition | None:
    """Where the task went by its ``self.next``; stores the items of a foreach. None at the end of the flow.

    Raises
    ------
    InvalidNextError
        If ``self.next`` wasn't called, or what it iterates over was emptied after it.
    """
    call = binding.next_call
    if call is None:
        if binding.step == binding.graph.end:
            return None
        raise InvalidNextError(f"step {binding.step!r} ended without a call of self.next")
    if call.num_parallel is not None:
        return Transition(steps=tuple(call.steps), num_splits=call.num_parallel, parallel=True)
    if call.foreach is None:
        return Transition(steps=tuple(call.steps), condition=call.condition)
    value = getattr(flow, call.foreach)
    if isinstance(value, UnboundedForeach):
        return Transition(steps=tuple(call.steps), foreach=call.foreach)
    items = store.save_items(call.foreach, value)
    if items.count == 0:
        raise InvalidNextError(
            f"step {binding.step!r} ({call.origin}): self.{call.foreach} is empty, so no task would run"
        )
    return Transition(steps=tuple(call.steps), foreach=call.foreach, num_splits=items.count, items=items)


def fan_out(spec: TaskSpec, items: Iterable[Any], store: ArtifactStore) -> Transition:
    """What the control task of an unbounded foreach said: one task of its own step for each item."""
    variable = spec.frames[-1].variable
    stored = store.save_items(variable, items)
    if stored.count == 0:
        raise InvalidNextError(f"step {spec.step!r}: {variable} turned out to have no items, so no task would run")
    return Transition(steps=(spec.step,), foreach=variable, num_splits=stored.count, items=stored)


def write_manifest(
    spec: TaskSpec,
    compiled: CompiledFlow,
    store: ArtifactStore,
    entries: Mapping[str, ArtifactEntry],
    *,
    times: tuple[float, float],
    transition: Transition | None = None,
    failure: FailureSummary | None = None,
    ok: bool = True,
) -> Manifest:
    """Write the manifest: from here on, the attempt's artifacts can be read."""
    manifest = Manifest(
        flow=spec.run.flow,
        run_id=spec.run.run_id,
        step=spec.step,
        task_id=spec.task_id,
        attempt=spec.attempt,
        artifacts=entries,
        ok=ok,
        transition=transition,
        failure=failure,
        main_file=compiled.file,
        code=spec.run.code,
        started_at=times[0],
        finished_at=times[1],
    )
    store.write_manifest(manifest)
    return manifest


def manifest_key_of(spec: TaskSpec) -> str:
    """Where the attempt's manifest is."""
    return manifest_key(spec.run.flow, spec.run.run_id, spec.step, spec.task_id, spec.attempt)
