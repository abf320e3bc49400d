"""Runs a whole flow for a test: real tasks, stored in a folder of the test's own."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit.authoring.flowspec import FlowSpec
from flowkit.cli.progress_lines import reason
from flowkit.client.run import Run
from flowkit.client.run_context import View
from flowkit.compile.compiler import CompiledFlow, compile_flow
from flowkit.compile.prepare import prepare_flow
from flowkit.engine.launch import LaunchOptions, RunResult, launch
from flowkit.engine.observer import RunObserver
from flowkit.engine.session import Session
from flowkit.errors import CommandError, TaskFailed
from flowkit.kernel.registry import Registry
from flowkit.model.log import Stream
from flowkit.model.task import TaskSpec
from flowkit.settings import Settings
from flowkit.testing.step_given import checked_parameters, config_source

if TYPE_CHECKING:
    from flowkit.runner.executing import ExecutingRun

__all__ = ["run_flow"]


def run_flow(
    flow: type[FlowSpec] | str | os.PathLike[str],
    *,
    parameters: Mapping[str, Any] | None = None,
    configs: Mapping[str, Any] | None = None,
    tags: Collection[str] = (),
    decorators: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    max_workers: int = 4,
    home: str | os.PathLike[str] | None = None,
    show_output: bool = False,
    raises: bool = True,
) -> Run:
    """Run all steps of a flow, each task in a process of its own, and return the run as the client reads it.

    A class is run as this process has it, with what the test has patched, by forks of this process; a file is run
    as ``python FILE run`` does. Configuration and variables ``FLOWKIT_…`` of the user's have no effect.

    Parameters
    ----------
    flow
        The flow's class, which may be defined in the test; or the path of a flow's file.
    parameters, configs
        Values by name, as :func:`flowkit.testing.run_step` takes them.
    tags
        Of the run.
    decorators
        For all steps that don't have them, as ``--with`` takes them: ``["retry:times=2"]``.
    options
        Options that stand before the command, by name: ``{"branch": "b"}``.
    max_workers
        How many tasks run at once.
    home
        A folder for all that is stored; without it, one that is removed when this process ends.
    show_output
        Whether what the tasks write is written to this process's stdout and stderr.
    raises
        With False, a run that failed is returned, too.

    Raises
    ------
    TaskFailed
        If the run fails; it says which step failed and why, and its notes have the traceback.
    GraphError, ParameterError, ConfigurationError, CommandError
        If the run can't begin.

    Examples
    --------
    >>> run = run_flow(MyFlow, parameters={"alpha": 0.5})
    >>> run.data.model
    """
    folder = Path(home) if home is not None else _new_home()
    given = parameters or {}
    with _own_environment(folder):
        if not isinstance(flow, type):
            return _run_file(
                os.fspath(flow), given, configs or {}, options or {}, show_output, raises,
                tags=list(tags), decospecs=list(decorators), max_workers=max_workers,
            )  # fmt: skip
        if not issubclass(flow, FlowSpec):
            raise CommandError(f"run_flow takes a flow's class or the path of its file, not {flow!r}")
        compiled, session = _open(flow, configs or {}, tuple(decorators), folder)
        launch_options = LaunchOptions(
            max_workers=max_workers,
            tags=tuple(tags),
            task_start="fork",
            decospecs=tuple(decorators),
            flow_options=options or {},
        )
        output = _Output(show_output)
        with closing(session), warnings.catch_warnings():
            # Test runners have threads; what the tasks of a test need is seldom held by one of them.
            warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
            result = launch(session, launch_options, checked_parameters(compiled, given), [output])
            if raises and not result.succeeded:
                raise _failure(result)
            ref = session.metadata_ref
    return Run._at(View(f"{ref.name}@{ref.root}", None), (result.run.flow, result.run.run_id))


def _open(
    flow: type[FlowSpec], configs: Mapping[str, Any], decospecs: tuple[str, ...], folder: Path
) -> tuple[CompiledFlow, Session]:
    settings = Settings.load(cwd=folder)
    file = CompiledFlow.by_name(flow).file
    registry = Registry.for_flow(settings, file) if file else Registry.discover(settings)
    prepared = prepare_flow(flow, registry, config_source(flow, configs))
    if prepared.config_error is not None:
        raise prepared.config_error
    compiled = compile_flow(flow, registry, decospecs, prepared)
    return compiled, Session(registry, settings, compiled)


class _Output(RunObserver):
    """Passes on what tasks write."""

    def __init__(self, is_shown: bool) -> None:
        self._is_shown = is_shown

    def task_output(self, spec: TaskSpec, stream: Stream, time: float, line: bytes) -> None:
        """Write it where the test runner sees it."""
        if self._is_shown:
            (sys.stdout if stream == "stdout" else sys.stderr).write(line.decode(errors="replace"))


def _failure(result: RunResult) -> TaskFailed:
    run = result.run
    if not result.failed:
        return TaskFailed(f"the run {run.flow}/{run.run_id} failed: {result.failure}")
    spec, outcome = result.failed[0]
    error = TaskFailed(f"step {spec.step!r} of {run.flow} failed: {reason(outcome)}")
    if outcome.failure is not None and outcome.failure.traceback:
        error.add_note(f"In the task {spec.pathspec}:\n{outcome.failure.traceback}")
    return error


# --- a flow's file -----------------------------------------------------------------------------------------------


def _run_file(
    file: str,
    parameters: Mapping[str, Any],
    configs: Mapping[str, Any],
    options: Mapping[str, Any],
    show_output: bool,
    raises: bool,
    **given: Any,
) -> Run:
    from flowkit.runner.runner import Runner

    paths = [(name, os.fspath(value)) for name, value in configs.items() if isinstance(value, os.PathLike)]
    values = [(name, value) for name, value in configs.items() if not isinstance(value, os.PathLike)]
    top_level = {name: value for name, value in (("config", paths), ("config_value", values)) if value}
    with Runner(file, show_output=show_output, **{**top_level, **options}) as runner:
        done = runner.run(**parameters, **{name: value for name, value in given.items() if value})
        if raises and done.returncode:
            raise _file_failure(file, done)
        return done.run


def _file_failure(file: str, done: ExecutingRun) -> TaskFailed:
    output = done.stderr
    said = [line.strip() for line in output.splitlines() if line.startswith("Run ") and " failed" in line]
    error = TaskFailed(f"the run of {file} failed: {said[-1] if said else f'its exit status is {done.returncode}'}")
    error.add_note(f"It wrote to stderr:\n{output}")
    return error


# --- the folder --------------------------------------------------------------------------------------------------


@contextmanager
def _own_environment(home: Path) -> Iterator[None]:
    """While entered, the user's configuration isn't seen, and what is stored goes to ``home``."""
    before = {name: value for name, value in os.environ.items() if name.startswith("FLOWKIT_")}
    home.mkdir(parents=True, exist_ok=True)
    own = {
        "FLOWKIT_HOME": str(home / ".flowkitconfig"),
        "FLOWKIT_DATASTORE_SYSROOT_LOCAL": str(home / ".flowkit"),
        "FLOWKIT_USER": before.get("FLOWKIT_USER", "tester"),
    }
    _replace(before, own)
    try:
        yield
    finally:
        _replace({name: "" for name in os.environ if name.startswith("FLOWKIT_")}, before)


def _replace(names: Mapping[str, str], variables: Mapping[str, str]) -> None:
    for name in names:
        os.environ.pop(name, None)
    os.environ.update(variables)


def _new_home() -> Path:
    import tempfile

    return Path(tempfile.mkdtemp(dir=_homes()))


@cache
def _homes() -> str:
    """One folder for all homes of this process."""
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="flowkit-testing-")
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder
