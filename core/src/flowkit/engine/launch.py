"""Starts a run, or resumes one, and sees it to its end."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import attrs

from flowkit.compile.compiler import check
from flowkit.compile.imports import preload_modules
from flowkit.compile.plan import attempts_of, plan_task
from flowkit.engine.heartbeat import Heartbeat
from flowkit.engine.loop import RunLoop
from flowkit.engine.observer import RunObserver
from flowkit.engine.plugin_observer import PluginObserver
from flowkit.engine.reactor import SelectorReactor
from flowkit.engine.recorder import Recorder
from flowkit.engine.resume import Origin, find_origin_run, steps_to_rerun
from flowkit.engine.run_inputs import origin_entries, parameter_entries, store_inputs
from flowkit.engine.scheduler import Scheduler
from flowkit.engine.session import Session
from flowkit.engine.signals import interrupts
from flowkit.engine.system_tags import system_tags
from flowkit.engine.task_table import TaskTable
from flowkit.errors import FlowkitError, MetadataError
from flowkit.interfaces.compute_backend import ComputeBackend, LaunchContext
from flowkit.interfaces.flow_decorator import Launch
from flowkit.model.event import Finish
from flowkit.model.record import RunRecord
from flowkit.model.task import InputRef, RunSpec, TaskOutcome, TaskSpec

if TYPE_CHECKING:
    from flowkit.engine.telemetry import Telemetry

__all__ = ["LaunchOptions", "RunResult", "launch"]


@attrs.frozen
class LaunchOptions:
    """How to run a flow."""

    max_workers: int = 16
    #: A foreach of more items fails; None for no limit.
    max_num_splits: int | None = None
    tags: tuple[str, ...] = ()
    #: A file that gets the run's id before the first task starts.
    run_id_file: str | None = None
    #: A file that gets, before that too, a JSON object that says where the run is found.
    runner_attribute_file: str | None = None
    #: ``auto``, ``fork`` or ``spawn``.
    task_start: str = "auto"
    decospecs: tuple[str, ...] = ()
    #: Resume a run rather than start anew: the one of ``origin_run_id``, or the latest.
    resume: bool = False
    origin_run_id: str | None = None
    #: The step to run again, with all after it, even if it succeeded.
    resume_step: str | None = None
    #: Values of the command line's top-level options, for the flow's decorators.
    flow_options: Mapping[str, Any] = attrs.field(factory=dict)
    #: Names of an event logger and a monitor; None for none.
    event_logger: str | None = None
    monitor: str | None = None
    #: Is told in a line what was decided, and why.
    explain: Callable[[str], None] = attrs.field(default=lambda _: None)


@attrs.frozen
class RunResult:
    """How a run ended."""

    run: RunRecord
    succeeded: bool
    #: One line; empty if the run succeeded.
    failure: str = ""
    #: The attempts that failed the run.
    failed: tuple[tuple[TaskSpec, TaskOutcome], ...] = ()


def launch(
    session: Session,
    options: LaunchOptions,
    parameters: Mapping[str, Any],
    observers: Sequence[RunObserver] = (),
) -> RunResult:
    """Run the session's flow to its end.

    Parameters
    ----------
    parameters
        Values of the parameters that were given, by attribute; the others take their defaults.

    Raises
    ------
    GraphError
        If the flow isn't valid; nothing has run then.
    FlowkitError
        If recording or storing fails. What had finished stays recorded.
    """
    check(session.compiled)
    # Before anything else: the parent of tasks must be forked while this process has no thread and no connection.
    backends = _prepare_backends(session, options)
    with SelectorReactor() as reactor:
        try:
            with closing(_Launch(session, options, observers, backends, reactor)) as one:
                return one.run(parameters)
        finally:
            for backend in backends.values():
                backend.close()


def _prepare_backends(session: Session, options: LaunchOptions) -> dict[str, ComputeBackend]:
    compiled = session.compiled
    probe = RunSpec(compiled.name, compiled.file, "", session.datastore_ref, session.metadata_ref, session.username)
    names = {plan_task(compiled, TaskSpec(probe, step, "0")).backend for step in compiled.graph.nodes}
    # Opened now, so that tasks that are forked inherit its SDK and its client; opening makes no connection.
    _ = session.datastore
    context = LaunchContext(
        flow_class=compiled.flow_class,
        flow_file=compiled.file,
        preload=preload_modules(compiled),
        max_workers=options.max_workers,
        task_start=options.task_start,
        explain=options.explain,
        compiled=compiled,
        registry=session.registry,
        settings=session.settings,
    )
    backends: dict[str, ComputeBackend] = {}
    for name in sorted(names):
        backend = cast(type[ComputeBackend], session.registry.get("compute_backends", name))()
        backends[name] = backend
        backend.prepare(context)
    return backends


class _Launch:
    """One run's state while it is set up and ended."""

    def __init__(
        self,
        session: Session,
        options: LaunchOptions,
        observers: Sequence[RunObserver],
        backends: Mapping[str, ComputeBackend],
        reactor: SelectorReactor,
    ) -> None:
        self._reactor = reactor
        self._session = session
        self._options = options
        self._backends = backends
        self._observers = [*observers, PluginObserver(session.registry)]
        self._configured: dict[str, Mapping[str, Any]] = {}
        self._telemetry: Telemetry | None = None
        self._telemetry_extra: dict[str, Any] = {}

    def run(self, parameters: Mapping[str, Any]) -> RunResult:
        session, options = self._session, self._options
        self._configured = self._configure_flow_decorators()
        if options.event_logger or options.monitor:
            self._open_telemetry()
        origin_run, rerun = None, frozenset[str]()
        if options.resume:
            rerun = steps_to_rerun(session.compiled.graph, options.resume_step)
            origin_run = find_origin_run(
                session.metadata, session.compiled.name, options.origin_run_id, session.namespace
            )
        origin = None
        if origin_run is not None:
            origin = Origin(session.metadata, session.store, session.compiled.graph, origin_run, rerun)
        # Before there is a run: a value that can't be is told, and nothing else happens.
        if origin is None:
            entries = parameter_entries(session, parameters)
        else:
            entries = origin_entries(session, origin.parameters())
        run = self._create_run(origin_run, rerun)
        try:
            spec = self._run_spec(run)
            parameters_ref = store_inputs(session, spec, entries)
            self._write_id_files(run)
            for observer in self._observers:
                observer.run_started(run, session.compiled.graph)
            self._decorators_started(run.run_id)
            loop, finish = self._loop(spec, origin, parameters_ref)
        except BaseException as error:
            # The run is recorded as failed if that is still possible; the error at hand matters more.
            with suppress(FlowkitError):
                self._end_run(run, False, str(error) or type(error).__name__)
            raise
        failure = _failure_line(finish, loop)
        run = self._end_run(run, finish.succeeded, failure)
        return RunResult(run, finish.succeeded, failure, tuple(loop.failures))

    def _open_telemetry(self) -> None:
        from flowkit.engine.telemetry import Telemetry
        from flowkit.engine.telemetry_observer import TelemetryObserver

        compiled, options = self._session.compiled, self._options
        labels = {"flow": compiled.name}
        for decorator in compiled.flow_decorators:
            labels.update(decorator.labels(self._configured[decorator.name]))
        chosen = {"event_logger": options.event_logger, "monitor": options.monitor, "labels": labels}
        self._telemetry = Telemetry(self._session.registry, options.event_logger, options.monitor, labels)
        self._telemetry_extra = {"telemetry": chosen}
        self._observers.append(TelemetryObserver(self._telemetry))

    def close(self) -> None:
        """Send what event logger and monitor still hold."""
        if self._telemetry is not None:
            self._telemetry.close()

    def _create_run(self, origin: RunRecord | None, rerun: frozenset[str]) -> RunRecord:
        session = self._session
        for _ in range(100):
            now = time.time()
            run = RunRecord(
                flow=session.compiled.name,
                run_id=str(session.registry.hook.flowkit_new_run_id(flow=session.compiled.name)),
                username=session.username,
                created_at=now,
                heartbeat_at=now,
                tags=tuple(self._options.tags),
                system_tags=self._system_tags(),
                origin_run_id=origin.run_id if origin is not None else None,
                datastore=session.datastore_ref.name,
                datastore_root=session.datastore_ref.root,
                info={
                    "flow_file": session.compiled.file,
                    "plugins": dict(session.registry.versions()),
                    "rerun_steps": sorted(rerun),
                    **self._decorators_info(),
                },
            )
            if session.metadata.create_run(run):
                return run
        raise MetadataError(
            f"no free run id for {session.compiled.name} in {session.metadata.location} after 100 tries"
        )

    def _run_spec(self, run: RunRecord) -> RunSpec:
        session = self._session
        return RunSpec(
            flow=run.flow,
            flow_file=session.compiled.file,
            run_id=run.run_id,
            datastore=session.datastore_ref,
            metadata=session.metadata_ref,
            username=run.username,
            namespace=session.namespace,
            tags=run.tags,
            system_tags=run.system_tags,
            decospecs=self._options.decospecs,
            origin_run_id=run.origin_run_id,
            serializers=tuple(session.settings.serializers.items()),
            extra={"flow_decorators": self._configured, **self._telemetry_extra},
        )

    def _system_tags(self) -> tuple[str, ...]:
        tags = list(system_tags(self._session.username))
        for decorator in self._session.compiled.flow_decorators:
            tags.extend(decorator.system_tags(self._configured[decorator.name]))
        return tuple(sorted(dict.fromkeys(tags)))

    def _decorators_info(self) -> dict[str, Any]:
        info: dict[str, Any] = {}
        for decorator in self._session.compiled.flow_decorators:
            info.update(decorator.run_info(self._configured[decorator.name]))
        return info

    def _configure_flow_decorators(self) -> dict[str, Mapping[str, Any]]:
        compiled = self._session.compiled
        session = self._session
        launch = Launch(
            compiled.flow_class, compiled.graph, self._options.flow_options, session.username, session.metadata_ref
        )
        configured: dict[str, Mapping[str, Any]] = {}
        for decorator in compiled.flow_decorators:
            values = decorator.configure(launch)
            configured[decorator.name] = {**configured.get(decorator.name, {}), **values}
        return configured

    def _loop(self, spec: RunSpec, origin: Origin | None, parameters: InputRef) -> tuple[RunLoop, Finish]:
        session, options = self._session, self._options
        compiled = session.compiled
        loop = RunLoop(
            run=spec,
            scheduler=Scheduler(
                compiled.graph,
                {step: attempts_of(compiled, step) for step in compiled.graph.nodes},
                options.max_workers,
            ),
            table=TaskTable(spec, compiled, session.datastore, parameters),
            recorder=Recorder(session.metadata),
            datastore=session.datastore,
            backends=self._backends,
            reactor=self._reactor,
            observers=self._observers,
            origin=origin,
            max_num_splits=options.max_num_splits,
        )
        heartbeat = Heartbeat(self._reactor, session.metadata, spec.flow, spec.run_id)
        with interrupts(self._reactor, loop.interrupt), heartbeat:
            return loop, loop.run()

    def _end_run(self, run: RunRecord, succeeded: bool, failure: str) -> RunRecord:
        now = time.time()
        run = attrs.evolve(run, status="succeeded" if succeeded else "failed", finished_at=now, heartbeat_at=now)
        if failure:
            run = attrs.evolve(run, info={**run.info, "failure": failure})
        self._session.metadata.write([run])
        compiled = self._session.compiled
        for step, decorators in compiled.step_decorators.items():
            del step
            for decorator in decorators:
                decorator.launch_finished(compiled.flow_class, compiled.graph, run.run_id, succeeded=succeeded)
        for observer in self._observers:
            observer.run_finished(run, failure)
        # After the display is gone: these run code of the user's, which may print.
        for flow_decorator in compiled.flow_decorators:
            flow_decorator.launch_finished(compiled.flow_class, run, succeeded=succeeded)
        return run

    def _decorators_started(self, run_id: str) -> None:
        compiled = self._session.compiled
        for decorators in compiled.step_decorators.values():
            for decorator in decorators:
                decorator.launch_started(compiled.flow_class, compiled.graph, run_id)

    def _write_id_files(self, run: RunRecord) -> None:
        if self._options.run_id_file is not None:
            _write_whole("--run-id-file", self._options.run_id_file, run.run_id)
        if self._options.runner_attribute_file is not None:
            ref = self._session.metadata_ref
            found = {"flow_name": run.flow, "run_id": run.run_id, "metadata": f"{ref.name}@{ref.root}"}
            _write_whole("--runner-attribute-file", self._options.runner_attribute_file, json.dumps(found))


def _write_whole(option: str, file: str, text: str) -> None:
    """Write the file so that whoever waits for it never sees a part of it."""
    path = Path(file)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text)
        temporary.replace(path)
    except OSError as error:
        raise FlowkitError(f"{option} {path} can't be written: {error.strerror}") from error


def _failure_line(finish: Finish, loop: RunLoop) -> str:
    if finish.succeeded:
        return ""
    if loop.failures:
        spec, outcome = loop.failures[0]
        reason = outcome.status.replace("_", " ")
        if outcome.failure is not None:
            reason = f"{outcome.failure.type}: {outcome.failure.message}"
        more = f" (and {len(loop.failures) - 1} more tasks)" if len(loop.failures) > 1 else ""
        return f"step {spec.step}, task {spec.task_id}: {reason}{more}"
    return finish.reason or "the end step was never reached"
