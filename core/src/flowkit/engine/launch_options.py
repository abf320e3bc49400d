"""How a run is to be started, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from flowkit.model.record import RunRecord
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["LaunchOptions", "RunResult"]


@attrs.frozen
class LaunchOptions:
    """How to run a flow."""

    max_workers: int = 16
    #: A foreach of more items fails; None for no limit.
    max_num_splits: int | None = None
    #: Bytes of each of a task's streams that are kept; None for all.
    max_log_size: int | None = None
    tags: tuple[str, ...] = ()
    #: System tags besides those that every run gets.
    system_tags: tuple[str, ...] = ()
    #: A file that gets the run's id before the first task starts.
    run_id_file: str | None = None
    #: A file that gets, before that too, a JSON object that says where the run is found.
    runner_attribute_file: str | None = None
    #: ``auto``, ``fork`` or ``spawn``.
    task_start: str = "auto"
    decospecs: tuple[str, ...] = ()
    #: Name of the environment that tasks run in; ``local`` for the interpreter that runs the flow.
    environment: str = "local"
    #: Steps whose attempts run in this process.
    inproc: tuple[str, ...] = ()
    #: Resume a run rather than start anew: the one of ``origin_run_id``, or the latest.
    resume: bool = False
    origin_run_id: str | None = None
    #: The step to run again, with all after it, even if it succeeded.
    resume_step: str | None = None
    #: The id of the run; a new one if it isn't given.
    run_id: str | None = None
    #: Take over what can be taken over, and run nothing.
    clone_only: bool = False
    #: Several processes may resume into the run ``run_id``: the first one does it, the others wait for its end.
    reentrant: bool = False
    #: Of several such processes, which one this is: started again, the first one goes on.
    resume_identifier: str | None = None
    #: Values of the command line's top-level options, for the flow's decorators.
    flow_options: Mapping[str, Any] = attrs.field(factory=dict)
    #: Ends of the names of files that are code, besides the configured ones.
    package_suffixes: tuple[str, ...] = ()
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
    #: Tasks that were ready and weren't started, as there was only to be taken over what could be; None otherwise.
    held: int | None = None
