"""Starts a run, or resumes one, and sees it to its end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.compile.compiler import check
from flowkit.compile.plan import attempts_of
from flowkit.engine.admission import MOST_AHEAD
from flowkit.engine.backends import around_loop, backend_names, prepare_backends, prepare_environment
from flowkit.engine.code_capture import CodeCapture
from flowkit.engine.heartbeat import Heartbeat
from flowkit.engine.launch_options import LaunchOptions, RunResult
from flowkit.engine.loop import RunLoop
from flowkit.engine.observer import RunObserver
from flowkit.engine.plugin_observer import PluginObserver, tell_decorators
from flowkit.engine.reactor import SelectorReactor
from flowkit.engine.recorder import Recorder
from flowkit.engine.reentrant import join_run, origin_of, wait_for_end
from flowkit.engine.resume import Origin, check_not_collected, find_origin_run, origin_parameters, steps_to_rerun
from flowkit.engine.run_end import write_end
from flowkit.engine.run_files import write_run_files
from flowkit.engine.run_inputs import origin_entries, parameter_entries, store_inputs
from flowkit.engine.scheduler import Scheduler
from flowkit.engine.session import Session
from flowkit.engine.signals import Signals
from flowkit.engine.system_tags import system_tags
from flowkit.engine.task_table import TaskTable
from flowkit.errors import DatastoreError, FlowkitError, MetadataError
from flowkit.interfaces.compute_backend import ComputeBackend
from flowkit.interfaces.flow_decorator import Launch
from flowkit.model.artifact import ArtifactEntry
from flowkit.model.event import Finish
from flowkit.model.record import RunRecord
from flowkit.model.task import InputRef, RunSpec

if TYPE_CHECKING:
    from flowkit.engine.telemetry import Telemetry

__all__ = ["LaunchOptions", "RunLaunch", "RunResult", "launch", "run_launch"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


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
    ResumeError
        If there is no such run to resume.
    FlowkitError
        If recording or storing fails. What had finished stays recorded.
    """
    check(session.compiled)
    if options.resume:
        from flowkit.engine.origin_store import go_to_origin_store

        origin = go_to_origin_store(session, options, observers)
        if not options.reentrant:
            # Of the latest run, that it was: meanwhile there may be another.
            options = attrs.evolve(options, origin_run_id=origin.run_id)
    return run_launch(RunLaunch, session, options, parameters, observers, backend_names(session, options))


def run_launch(
    kind: type[RunLaunch],
    session: Session,
    options: LaunchOptions,
    parameters: Mapping[str, Any],
    observers: Sequence[RunObserver],
    backend_names: Iterable[str],
) -> RunResult:
    """Open the backends named, run, and give all of it back."""
    backends = prepare_backends(session, options, backend_names)
    with SelectorReactor() as reactor:
        try:
            prepare_environment(session, options)
            with closing(kind(session, options, observers, backends, reactor)) as one:
                return one.run(parameters)
        finally:
            for backend in backends.values():
                backend.close()


class RunLaunch:
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
        self._code = CodeCapture(session, reactor, self._observers, options.package_suffixes)
        self._configured: dict[str, Mapping[str, Any]] = {}
        self._telemetry: Telemetry | None = None
        self._telemetry_extra: dict[str, Any] = {}
        self._signals = Signals(reactor)
        #: Whether the run's record was made by this process.
        self._is_own_record = False

    def run(self, parameters: Mapping[str, Any]) -> RunResult:
        """All of it. ``parameters`` are the values that were given, by attribute."""
        session, options = self._session, self._options
        self._configured = self._configure_flow_decorators()
        if options.event_logger or options.monitor:
            self._open_telemetry()
        origin_run, rerun = self._find_origin()
        origin = None
        if origin_run is not None:
            origin = self._origin_of(origin_run, rerun)
        # Before there is a run: a value that can't be is told, and nothing else happens.
        entries = self._entries(parameters, origin_run)
        with self._signals:
            run, leads = self._create_run(origin_run, rerun)
            if leads:
                return self._lead(run, origin, entries)
        return wait_for_end(session.metadata, run)

    def _lead(self, run: RunRecord, origin: Origin | None, entries: Mapping[str, ArtifactEntry]) -> RunResult:
        """See a run that is recorded to its end."""
        session, options = self._session, self._options
        is_stored = False
        try:
            self._signals.raise_them()
            for one in () if origin is None else origin.runs:
                check_not_collected(session.metadata, one)
            run = self._code.before_tasks(run, self._backends.values())
            spec = self._run_spec(run)
            parameters_ref = store_inputs(session, spec, entries)
            is_stored = True
            write_run_files(options, run, session.metadata_ref, self._attributes)
            for observer in self._observers:
                observer.run_started(run, session.compiled.graph)
            self._decorators_started(run.run_id)
            loop = self._loop(spec, origin, parameters_ref)
            self._code.begin(run)
            finish = self._run_loop(loop, spec)
        except BaseException as error:
            self._signals.hold()
            # The run is recorded as failed if that is still possible; the error at hand matters more.
            with suppress(FlowkitError):
                may_go = self._is_own_record and session.metadata.can_delete_runs
                if is_stored or not isinstance(error, DatastoreError) or not may_go:
                    self._end_run(run, False, str(error) or type(error).__name__)
                else:
                    # Its record would name a store that can't be used, to garbage collection for one.
                    session.metadata.delete_run(run.flow, run.run_id)
            raise
        failure = _failure_line(finish, loop)
        held = loop.held if options.clone_only and not loop.failures else None
        run = self._end_run(run, finish.succeeded, failure, {} if held is None else {"held": held})
        return RunResult(run, run.status == "succeeded", failure, tuple(loop.failures), held)

    # --- what a run starts from --------------------------------------------------------------------------------------

    def _find_origin(self) -> tuple[RunRecord | None, frozenset[str]]:
        """The run that is resumed, and the steps of which nothing is taken over."""
        if not self._options.resume:
            return None, frozenset()
        session = self._session
        rerun = steps_to_rerun(session.compiled.graph, self._options.resume_step)
        flow = session.compiled.name
        run_id = origin_of(session.metadata, flow, self._options)
        return find_origin_run(session.metadata, flow, run_id, session.namespace), rerun

    def _origin_of(self, run: RunRecord, rerun: frozenset[str]) -> Origin | None:
        """What can be taken over."""
        session = self._session
        return Origin(session.metadata, session.store, session.compiled.graph, run, rerun)

    def _entries(self, parameters: Mapping[str, Any], origin: RunRecord | None) -> dict[str, ArtifactEntry]:
        """What the run's parameters are."""
        if origin is None:
            return parameter_entries(self._session, parameters)
        return origin_entries(self._session, origin_parameters(self._session.metadata, self._session.store, origin))

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
        """Send what event logger and monitor still hold, and leave the reactor alone."""
        self._code.close()
        if self._telemetry is not None:
            self._telemetry.close()

    def _create_run(self, origin: RunRecord | None, rerun: frozenset[str]) -> tuple[RunRecord, bool]:
        """The run's record, and whether this process is to run it: else another one does."""
        session, wanted = self._session, self._options.run_id
        for _ in range(100 if wanted is None else 1):
            now = time.time()
            run = RunRecord(
                flow=session.compiled.name,
                run_id=wanted or str(session.registry.hook.flowkit_new_run_id(flow=session.compiled.name)),
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
                    **self._run_info(),
                    **self._decorators_info(),
                },
            )
            if session.metadata.create_run(run):
                self._is_own_record = True
                return run, True
        if wanted is not None:
            return join_run(session.metadata, run, self._options)
        raise MetadataError(
            f"no free run id for {session.compiled.name} in {session.metadata.location} after 100 tries"
        )

    def _run_info(self) -> dict[str, Any]:
        """Facts of this kind of run."""
        identifier = self._options.resume_identifier
        return {} if identifier is None else {"resume_identifier": identifier}

    @property
    def _attributes(self) -> Mapping[str, Any]:
        """Fields of the runner's file that only this kind of run has."""
        return {}

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
            environment=self._options.environment,
            code=run.code,
            serializers=tuple(session.settings.serializers.items()),
            extra={
                "flow_decorators": self._configured,
                **self._code.spec_extra(run),
                **self._telemetry_extra,
                **self._spec_extra,
            },
            variables=session.registry.variables(),
        )

    @property
    def _spec_extra(self) -> Mapping[str, Any]:
        """What the tasks of this kind of run must know besides."""
        return {}

    def _system_tags(self) -> tuple[str, ...]:
        tags = [*system_tags(self._session.username), *self._options.system_tags]
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

    def _loop(self, spec: RunSpec, origin: Origin | None, parameters: InputRef) -> RunLoop:
        session, options = self._session, self._options
        return RunLoop(
            run=spec,
            scheduler=self._scheduler(),
            workers=self._workers(),
            table=self._table(spec, parameters),
            recorder=Recorder(session.metadata),
            datastore=session.datastore,
            backends=self._backends,
            reactor=self._reactor,
            observers=self._observers,
            origin=origin,
            max_num_splits=options.max_num_splits,
            max_log_size=options.max_log_size,
            clone_only=options.clone_only,
        )

    def _scheduler(self) -> Scheduler:
        compiled = self._session.compiled
        attempts = {step: attempts_of(compiled, step) for step in compiled.graph.nodes}
        return Scheduler(compiled.graph, attempts, self._workers() + MOST_AHEAD)

    def _workers(self) -> int:
        # What is only taken over isn't work, and what can't be waits for nobody.
        return sys.maxsize if self._options.clone_only else self._options.max_workers

    def _table(self, spec: RunSpec, parameters: InputRef) -> TaskTable:
        session = self._session
        return TaskTable(spec, session.compiled, session.datastore, parameters, in_process=self._options.inproc)

    def _run_loop(self, loop: RunLoop, spec: RunSpec) -> Finish:
        heartbeat = Heartbeat(self._reactor, self._session.metadata, spec.flow, spec.run_id)

        def run() -> Finish:
            finish = loop.run()
            self._code.wait()
            return finish

        def interrupt(reason: str) -> None:
            self._code.give_up()
            loop.interrupt(reason)

        for backend in self._backends.values():
            run = partial(around_loop, backend, run)
        with heartbeat:
            self._signals.call(interrupt)
            try:
                return run()
            finally:
                self._signals.hold()

    def _end_run(self, run: RunRecord, succeeded: bool, failure: str, info: Mapping[str, Any] = _NOTHING) -> RunRecord:
        now = time.time()
        run = self._code.recorded(run)
        info = {**run.info, **info, **({"failure": failure} if failure else {})}
        run = attrs.evolve(
            run,
            status="succeeded" if succeeded else "failed",
            finished_at=now,
            heartbeat_at=now,
            info=info,
        )
        run, told = write_end(self._session.metadata, run)
        if told:
            for observer in self._observers:
                observer.message(told)
        self._signals.raise_new()
        self._tell_end(run, failure or told, succeeded=run.status == "succeeded")
        return run

    def _tell_end(self, run: RunRecord, failure: str, *, succeeded: bool) -> None:
        compiled, registry = self._session.compiled, self._session.registry
        told = partial(tell_decorators, registry, succeeded=succeeded)
        steps = chain.from_iterable(compiled.step_decorators.values())
        told("step_decorators", steps, compiled.flow_class, compiled.graph, run.run_id)
        for observer in self._observers:
            observer.run_finished(run, failure)
        # After the display is gone: these run code of the user's, which may print.
        told("flow_decorators", compiled.flow_decorators, compiled.flow_class, run)

    def _decorators_started(self, run_id: str) -> None:
        compiled = self._session.compiled
        for decorators in compiled.step_decorators.values():
            for decorator in decorators:
                decorator.launch_started(compiled.flow_class, compiled.graph, run_id)


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
