"""The compute backends of one run, ready before anything else is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from flowkit.compile.imports import preload_modules
from flowkit.compile.plan import plan_task
from flowkit.engine.launch_options import LaunchOptions
from flowkit.engine.session import Session
from flowkit.errors import BrokenPluginError, CommandError
from flowkit.interfaces.compute_backend import IN_PROCESS, ComputeBackend, LaunchContext
from flowkit.interfaces.environment import Environment
from flowkit.model.event import Finish
from flowkit.model.graph import Graph
from flowkit.model.task import RunSpec, TaskSpec

__all__ = ["around_loop", "backend_names", "check_in_process", "prepare_backends", "prepare_environment"]


def around_loop(backend: ComputeBackend, run: Callable[[], Finish]) -> Finish:
    """Have ``backend`` run the loop. Raises BrokenPluginError if it doesn't return how that ended."""
    finish: object = backend.around_loop(run)
    if not isinstance(finish, Finish):
        raise BrokenPluginError(
            f"around_loop of the compute backend {backend.name!r} returned {finish!r}, and must return what the "
            "function returns that it is given; mend the plugin"
        )
    return finish


def backend_names(session: Session, options: LaunchOptions) -> set[str]:
    """Names of the backends that the steps of the flow run on.

    Raises
    ------
    CommandError
        If a step that is to run in this process can't.
    """
    compiled = session.compiled
    probe = RunSpec(compiled.name, compiled.file, "", session.datastore_ref, session.metadata_ref, session.username)
    steps = [step for step in compiled.graph.nodes if step not in options.inproc]
    names = {plan_task(compiled, TaskSpec(probe, step, "0")).backend for step in steps}
    for step in options.inproc:
        check_in_process(compiled.graph, step)
        names.add(IN_PROCESS)
    return names


def check_in_process(graph: Graph, step: str) -> None:
    """Raise CommandError if the tasks of ``step`` can't run in this process."""
    if step not in graph:
        raise CommandError(f"--inproc: {graph.name} has no step {step!r}; its steps are {', '.join(graph.nodes)}")
    if graph[step].parallel_step:
        raise CommandError(f"--inproc: the tasks of step {step!r} run at the same time, which one process can't do")


def prepare_backends(session: Session, options: LaunchOptions, names: Iterable[str]) -> dict[str, ComputeBackend]:
    """Open backends, by name, and let them prepare.

    This comes before anything else: the parent of tasks must be forked while this process has no thread and no
    connection.
    """
    compiled = session.compiled
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


def prepare_environment(session: Session, options: LaunchOptions) -> None:
    """Have the environment that was chosen build what the steps need. Raises UnknownCapability."""
    if options.environment != "local":
        kind = cast(type[Environment], session.registry.get("environments", options.environment))
        kind().prepare(session.compiled.flow_class, session.compiled.graph)
