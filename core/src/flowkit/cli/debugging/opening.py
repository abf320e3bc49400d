"""Makes an attempt's surroundings again: the flow with its inputs, what it stored, where it failed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.artifacts.layout import frames_key, manifest_key
from flowkit.authoring.entry import only_importing
from flowkit.cli.debugging.target import Target
from flowkit.compile.compiler import compile_flow
from flowkit.compile.prepare import prepare_flow
from flowkit.engine.recorded_task import RecordedTask
from flowkit.errors import CommandError, DatastoreError, NotFound
from flowkit.kernel.registry import Registry, default_registry
from flowkit.model.task import InputRef, RunSpec, StoreRef, TaskSpec
from flowkit.task.attempt import open_attempt
from flowkit.task.failure import format_failure
from flowkit.task.frame_locals import KeptFrame, read_frames
from flowkit.task.stored_configs import stored_configs
from flowkit.task.user_module import find_flow_class, load_flow_file

if TYPE_CHECKING:
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.model.artifact import FailureSummary, Manifest
    from flowkit.settings import Settings

__all__ = ["OpenedAttempt", "StoredArtifacts", "open_target"]


class StoredArtifacts:
    """What the attempt left: artifacts as attributes, or by name, loaded when they are asked for."""

    def __init__(self, store: ArtifactStore, manifest: Manifest | None) -> None:
        self._store = store
        self._entries = {} if manifest is None else dict(manifest.artifacts)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(
                f"the attempt left no artifact {name!r}; it left {', '.join(self) or 'none'}"
            ) from None

    def __getitem__(self, name: str) -> Any:
        return self._store.load(self._entries[name], name=name)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(name for name in self._entries if not name.startswith("_")))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *self]

    def __repr__(self) -> str:
        return f"<{len(self)} artifacts: {', '.join(self)}>" if len(self) else "<no artifacts>"


@attrs.frozen
class OpenedAttempt:
    """An attempt, ready to be looked at."""

    target: Target
    module: ModuleType
    #: The flow's instance, bound to the attempt's inputs.
    flow: Any
    #: The inputs of a join; None elsewhere.
    inputs: Any
    artifacts: StoredArtifacts
    #: Frames of the exception, the innermost last; empty where none were kept.
    frames: list[KeptFrame]
    #: The exception in words; None for an attempt that went well, or whose process was lost.
    failure: FailureSummary | None


def open_target(target: Target, settings: Settings, file: str | None) -> OpenedAttempt:
    """Load the flow's file and bind the flow to the attempt's inputs.

    Parameters
    ----------
    file
        The flow's file, where it isn't any more where the run had it.

    Raises
    ------
    CommandError
        If the file isn't there, or can't be run.
    FlowkitError
        If what the run stored can't be read.
    """
    path = _flow_file(target, file)
    module = _load(path)
    flow_class = find_flow_class(module, target.run.flow)
    registry = Registry.for_flow(settings, path)
    run = _run_spec(target, path)
    prepared = prepare_flow(flow_class, registry, stored_configs(flow_class, run, registry))
    compiled = compile_flow(flow_class, registry, (), prepared)
    inputs_store = target.inputs_source.store(target.inputs_run)
    recorded = RecordedTask(
        target.inputs_source.reader, inputs_store, compiled.graph, target.inputs_run, target.inputs_task
    )
    place = recorded.place(_parameters(run))
    spec = TaskSpec(run=run, step=target.task.step, task_id=target.task.task_id, attempt=target.attempt, **place)
    extras = registry.get("compute_backends", "local").current_extras(spec)
    context = open_attempt(spec, compiled, registry, extras)
    store = target.source.store(target.run)
    manifest = _manifest(target, store)
    frames = _frames(target, store, {"self": context.flow, "inputs": context.inputs})
    failure = manifest.failure if manifest is not None else None
    return OpenedAttempt(
        target, module, context.flow, context.inputs, StoredArtifacts(store, manifest), frames, failure
    )


def _flow_file(target: Target, file: str | None) -> str:
    path = file or str(target.run.info.get("flow_file") or "")
    if not path or not os.path.isfile(path):
        had = f"the file of {target.run.flow}, {path}, isn't there any more" if path else "no flow file was recorded"
        raise CommandError(f"{had}: name it with --file")
    return os.path.abspath(path)


def _load(path: str) -> ModuleType:
    # The one that found the run knew of no flow, nor of the plugins beside it.
    default_registry.cache_clear()
    try:
        with only_importing():
            return load_flow_file(path)
    except Exception as error:
        sys.stderr.write(format_failure(error))
        raise CommandError(f"the flow file {path} can't be run: {type(error).__name__}: {error}") from None


def _run_spec(target: Target, path: str) -> RunSpec:
    run = target.run
    return RunSpec(
        flow=run.flow,
        flow_file=path,
        run_id=run.run_id,
        datastore=StoreRef(run.datastore, run.datastore_root),
        metadata=StoreRef(target.source.name, target.source.location),
        username=run.username,
        tags=run.tags,
        system_tags=run.system_tags,
        origin_run_id=run.origin_run_id,
    )


def _parameters(run: RunSpec) -> InputRef:
    return InputRef("_parameters", "0", 0, manifest_key(run.flow, run.run_id, "_parameters", "0", 0))


def _manifest(target: Target, store: ArtifactStore) -> Manifest | None:
    task = target.task
    key = manifest_key(task.flow, task.run_id, task.step, task.task_id, target.attempt)
    if task.manifest is not None and target.attempt == task.attempt:
        key = task.manifest
    try:
        return store.read_manifest(key)
    except (NotFound, DatastoreError):
        return None


def _frames(target: Target, store: ArtifactStore, known: dict[str, Any]) -> list[KeptFrame]:
    task = target.task
    try:
        data = store.datastore.get(frames_key(task.flow, task.run_id, task.step, task.task_id, target.attempt))
    except DatastoreError:
        return []
    return read_frames(data, known)
