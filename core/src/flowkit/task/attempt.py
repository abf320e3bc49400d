"""One attempt of one task, in this process: load inputs, run the step, store what it left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.artifacts.codec import manifest_from_json, manifest_to_json
from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.authoring.binding import TaskBinding, bind, own_artifacts
from flowkit.authoring.current import current
from flowkit.authoring.flowspec import initialize, make_instance
from flowkit.compile.serializer_checks import chosen_serializers
from flowkit.errors import FlowkitError, InvalidNextError, StepTimeout, TaskFailed, UnpicklableArtifact
from flowkit.model.artifact import ArtifactEntry, FailureSummary, Manifest
from flowkit.model.task import OutcomeStatus, StoreRef, TaskOutcome, TaskSpec
from flowkit.task.context import AttemptContext
from flowkit.task.current_values import current_values
from flowkit.task.failure import print_failure, summarize
from flowkit.task.foreach_labels import foreach_labels
from flowkit.task.inherited import Inherited
from flowkit.task.process import peak_memory
from flowkit.task.saving import fan_out, manifest_key_of, save_artifacts, transition_of, write_manifest
from flowkit.task.spinning import SpunInputs, is_kept, spun_flow

if TYPE_CHECKING:
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.interfaces.step_decorator import StepDecorator
    from flowkit.kernel.registry import Registry
    from flowkit.settings import Settings
    from flowkit.task.shared_inputs import SharedInputs

__all__ = ["Attempt", "open_attempt", "open_store", "run_attempt", "warm_up"]

#: Failures that another attempt would repeat.
_FINAL = (InvalidNextError, UnpicklableArtifact)


def run_attempt(
    spec: TaskSpec,
    compiled: CompiledFlow,
    registry: Registry,
    settings: Settings,  # noqa: ARG001 - an attempt's surroundings are told in full
    *,
    send_secrets: Callable[[Sequence[str]], None],
    current_extras: Mapping[str, Any],
    shared: SharedInputs | None = None,
) -> TaskOutcome:
    """Run one attempt in this process, which should be its own: the step's code may change anything.

    Parameters
    ----------
    send_secrets
        Takes values to redact in the output, before the step's code runs.
    current_extras
        More for ``current`` to answer; a callable without arguments is called when it is first asked for.
    shared
        Inputs that were read already.

    Returns
    -------
    TaskOutcome
        Also for an exception of the step, which has then been printed to stderr. Nothing is raised.
    """
    return Attempt(spec, compiled, registry, send_secrets, current_extras, shared).run()


def open_attempt(
    spec: TaskSpec, compiled: CompiledFlow, registry: Registry, extras: Mapping[str, Any]
) -> AttemptContext:
    """The flow with the inputs of an attempt, as its body would find it. Stores nothing."""
    context = Attempt(spec, compiled, registry, lambda _: None, extras)._set_up()
    try:
        initialize(context.flow)
    except Exception as error:  # perhaps what the attempt failed by: it is to be looked into all the same
        print_failure(error)
    return context


def warm_up(spec: TaskSpec, compiled: CompiledFlow, registry: Registry, *, rounds: int = 1) -> None:
    """Load what attempts need, in a process that will fork attempts such as ``spec``. Reads and writes no artifact.

    Parameters
    ----------
    rounds
        How often the parts of an attempt that touch nothing outside are gone through. Python adapts code to its use
        when it runs for the eighth time or so, which writes to it: in a forked process, a page copied for each place.
    """
    from flowkit.authoring import transition  # noqa: F401 - self.next imports it when it is first called

    # Without inputs: a long list of them would be read.
    spec = attrs.evolve(spec, inputs_blob=None)
    for _ in range(rounds):
        context = Attempt(spec, compiled, registry, lambda _: None, {})._set_up()
        own_artifacts(context.flow)
        manifest_from_json(manifest_to_json(Manifest(spec.run.flow, spec.run.run_id, spec.step, spec.task_id, 0, {})))
    current._clear()


def open_store(spec: TaskSpec, compiled: CompiledFlow, registry: Registry) -> ArtifactStore:
    """The store that the attempt reads and writes. Makes no connection."""
    run = spec.run
    return _open_store(registry, run.datastore, run.flow, compiled.file, run.serializers)


@lru_cache(maxsize=4)
def _open_store(
    registry: Registry, root: StoreRef, flow: str, main_file: str, chosen: tuple[tuple[str, str], ...]
) -> ArtifactStore:
    """The flow's store. Opening makes no connection, so one that wasn't used may pass through a fork."""
    datastore = registry.get("datastores", root.name).open(root.root)
    serializers = SerializerTable.from_registry(registry).choosing(dict(chosen))
    return ArtifactStore(datastore, flow, serializers, main_file=main_file)


class Attempt:
    """One attempt; :func:`run_attempt` runs it."""

    def __init__(
        self,
        spec: TaskSpec,
        compiled: CompiledFlow,
        registry: Registry,
        send_secrets: Callable[[Sequence[str]], None],
        current_extras: Mapping[str, Any],
        shared: SharedInputs | None = None,
    ) -> None:
        self._spec = spec
        self._compiled = spun_flow(spec, compiled)
        self._registry = registry
        self._send_secrets = send_secrets
        self._extras = current_extras
        self._shared = shared
        self._started_at = time.time()
        self._binding: TaskBinding
        self._inherited: Inherited
        self._store: ArtifactStore
        self._context: AttemptContext | None = None

    def run(self) -> TaskOutcome:
        """All of it."""
        with ExitStack() as scopes:
            try:
                self._enter_scopes(scopes)
                context = self._context = self._set_up()
                self._initialize(context)
                self._run_step(context)
                manifest = self._save(context)
            except BaseException as error:  # whatever it is, it must not pass for a task that is done
                return self._failed(error, scopes)
        self._stored(context, manifest)
        return self._outcome("succeeded", manifest)

    # --- before ----------------------------------------------------------------------------------------------------

    def _enter_scopes(self, scopes: ExitStack) -> None:
        for scope in self._registry.hook.flowkit_task_scope(task=self._spec):
            scopes.enter_context(_Watcher(scope))
        if self._spec.run.extra.get("telemetry"):
            from flowkit.task.telemetry import attempt_telemetry

            scopes.enter_context(_Watcher(attempt_telemetry(self._spec, self._registry)))

    def _set_up(self) -> AttemptContext:
        spec, graph = self._spec, self._compiled.graph
        run = spec.run
        self._store = open_store(spec, self._compiled, self._registry)
        read_only = self._compiled.read_only_names
        self._inherited = (SpunInputs if "spin" in run.extra else Inherited)(
            spec,
            self._store,
            graph=graph,
            flow_class=self._compiled.flow_class,
            kept=read_only,
            shared=self._shared,
        )
        flow = make_instance(self._compiled.flow_class)
        self._binding = TaskBinding(
            graph=graph,
            step=spec.step,
            load=self._inherited.load,
            names=lambda: self._inherited.entries,
            read_only=read_only,
            frames=spec.frames,
            load_item=self._inherited.load_item,
            inputs=self._inherited.inputs(),
        )
        bind(flow, self._binding)
        current._set(*current_values(spec, self._compiled, self._extras))
        return AttemptContext(spec, graph, flow, self._binding.inputs, current, self._send_secrets)

    def _initialize(self, context: AttemptContext) -> None:
        initialize(context.flow)

    # --- the step --------------------------------------------------------------------------------------------------

    def _run_step(self, context: AttemptContext) -> None:
        decorators = sorted(self._decorators(), key=lambda one: one.order)
        call: Callable[[], None] = partial(self._body, context)
        for decorator in reversed(decorators):
            call = partial(decorator.around, call, context)
        call()

    def _decorators(self) -> Sequence[StepDecorator]:
        found: Sequence[StepDecorator] = self._compiled.step_decorators.get(self._spec.step, ())
        return found

    def _body(self, context: AttemptContext) -> None:
        try:
            self._call_method(context)
        except BaseException as error:
            context.raised = error
            raise
        context.raised = None

    def _call_method(self, context: AttemptContext) -> None:
        spec = self._spec
        if spec.is_fallback:
            raise self._lost()
        if spec.is_control:
            raise TaskFailed(
                f"{spec.pathspec} is to say what the items of {spec.frames[-1].variable!r} are, and no decorator of "
                f"step {spec.step!r} does; add the one that knows"
            )
        method = getattr(context.flow, spec.step)
        try:
            if context.inputs is None:
                method()
            else:
                method(context.inputs)
        except SystemExit as error:
            if error.code not in (None, 0) or not self._has_gone_on():
                raise TaskFailed(f"step {spec.step!r} called sys.exit({error.code!r}) before it was done") from error

    def _lost(self) -> TaskFailed:
        return TaskFailed(
            f"the process of {self._spec.pathspec} ended without an exception in its last attempt "
            f"({self._spec.attempt - 1}); its output says what was seen"
        )

    def _caught(self) -> BaseException | None:
        """The failure that a decorator handled, of an attempt that counts as done."""
        raised = None if self._context is None else self._context.raised
        return self._lost() if raised is None and self._spec.is_fallback else raised

    def _has_gone_on(self) -> bool:
        return self._binding.next_call is not None or self._spec.step == self._compiled.graph.end

    # --- after -----------------------------------------------------------------------------------------------------

    def _save(self, context: AttemptContext) -> Manifest:
        if not is_kept(self._spec):
            return self._save_little(context)
        if context.items is None:
            transition = transition_of(context.flow, self._binding, self._store)
        else:
            transition = fan_out(self._spec, context.items, self._store)
        chosen = chosen_serializers(self._compiled, self._spec.step)
        self._inherited.load_given(context.flow)
        inherited = self._inherited.stored_entries
        entries = save_artifacts(context.flow, self._binding, inherited, self._store, chosen=chosen)
        caught = self._caught()
        if caught is not None:
            self._keep_frames(caught)
        return write_manifest(
            self._spec,
            self._compiled,
            self._store,
            entries,
            times=(self._started_at, time.time()),
            transition=transition,
            failure=None if caught is None else self._summary(caught),
        )

    def _save_little(self, context: AttemptContext) -> Manifest:
        """Of a task that is only tried out: that it was, and its parameters."""
        if context.items is None and not self._has_gone_on():
            raise InvalidNextError(f"step {self._spec.step!r} ended without a call of self.next")
        times = (self._started_at, time.time())
        return write_manifest(self._spec, self._compiled, self._store, self._given_entries(), times=times)

    def _given_entries(self) -> Mapping[str, ArtifactEntry]:
        names = self._compiled.read_only_names
        return {name: entry for name, entry in self._inherited.stored_entries.items() if name in names}

    def _stored(self, context: AttemptContext, manifest: Manifest) -> None:
        for decorator in self._decorators():
            try:
                decorator.stored(context, manifest)
            except (Exception, SystemExit) as error:
                sys.stderr.write(
                    f"@{decorator.name} failed after the task's artifacts were stored; the task is done:\n"
                )
                print_failure(error)

    def _failed(self, error: BaseException, scopes: ExitStack) -> TaskOutcome:
        print_failure(error)
        scopes.__exit__(type(error), error, error.__traceback__)
        manifest = self._save_failed(error)
        self._keep_frames(error)
        status: OutcomeStatus = "timed_out" if isinstance(error, StepTimeout) else "failed"
        outcome = self._outcome(status, manifest)
        retryable = not isinstance(error, _FINAL)
        return attrs.evolve(outcome, failure=self._summary(error), retryable=retryable, caught=False)

    def _save_failed(self, error: BaseException) -> Manifest | None:
        """Keep what the attempt had set, for whoever looks for the cause."""
        if self._context is None:
            return None
        try:
            entries = self._given_entries()
            if is_kept(self._spec):
                inherited = self._inherited.stored_entries
                entries = save_artifacts(self._context.flow, self._binding, inherited, self._store, skip_failing=True)
            return write_manifest(
                self._spec,
                self._compiled,
                self._store,
                entries,
                times=(self._started_at, time.time()),
                failure=self._summary(error),
                ok=False,
            )
        except (Exception, SystemExit) as second:  # the store itself fails: the first error is the one to tell
            if not isinstance(second, FlowkitError):
                print_failure(second)
            return None

    def _keep_frames(self, error: BaseException) -> None:
        if self._context is not None and self._registry.settings.keep_locals:
            from flowkit.task.frame_locals import keep_frames

            keep_frames(error, self._context, self._store.datastore)

    def _summary(self, error: BaseException) -> FailureSummary:
        """What is recorded of it, without secrets."""
        summary = summarize(error)
        if self._context is None:
            return summary
        redacted = self._context.redacted
        return FailureSummary(summary.type, redacted(summary.message), redacted(summary.traceback))

    def _outcome(self, status: OutcomeStatus, manifest: Manifest | None) -> TaskOutcome:
        return TaskOutcome(
            status=status,
            transition=manifest.transition if manifest is not None else None,
            manifest=manifest_key_of(self._spec) if manifest is not None else None,
            caught=self._caught() is not None,
            started_at=self._started_at,
            finished_at=time.time(),
            peak_memory=peak_memory(),
            metadata=self._metadata(),
        )

    def _metadata(self) -> Mapping[str, str]:
        if self._context is None:
            return {}
        frames = self._spec.frames
        path = ",".join(f"{self._compiled.graph[one.step].out_funcs[0]}:{one.index}" for one in frames)
        stack = foreach_labels(self._binding, may_load=self._store.datastore.is_mappable())
        told = {"foreach-stack": stack, "foreach-execution-path": path}
        return {**{name: value for name, value in told.items() if value}, **self._context.metadata}


class _Watcher:
    """A plugin's context manager around the attempt, whose own errors are shown and change nothing."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager
        self._entered = False

    def __enter__(self) -> None:
        try:
            self._manager.__enter__()
            self._entered = True
        except (Exception, SystemExit) as error:
            print_failure(error)

    def __exit__(self, *details: Any) -> None:
        if self._entered:
            try:
                self._manager.__exit__(*details)
            except (Exception, SystemExit) as error:
                print_failure(error)
