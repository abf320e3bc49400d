"""A forked child that becomes the process of one task."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn, cast

from flowkit.builtin.local_compute.crash_report import catch_crashes
from flowkit.builtin.local_compute.extras import current_extras
from flowkit.task.attempt import run_attempt
from flowkit.task.process import Libc, end_process

if TYPE_CHECKING:
    from flowkit.builtin.local_compute.inheritance import Inheritance
    from flowkit.builtin.local_compute.messages import Connection
    from flowkit.model.task import TaskSpec

__all__ = ["become_task"]


def become_task(
    inheritance: Inheritance, connection: Connection, number: int, spec: TaskSpec, fds: list[int]
) -> NoReturn:
    """Run the attempt in this process, and end it. ``fds``: stdout and stderr, and the file for a crash's report."""
    code = 1
    try:
        os.setpgid(0, 0)
        libc = cast(Libc, inheritance.libc)
        libc.die_with_parent(inheritance.parent, signal.SIGKILL)
        os.dup2(fds[0], 1)
        os.dup2(fds[1], 2)
        for fd in fds[:2]:
            os.close(fd)
        catch_crashes(fds[2])
        # From here, not from the parent of tasks: so it arrives before anything that this process writes.
        connection.send(("started", number, os.getpid()))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if inheritance.random is not None:
            inheritance.random.apply()
        gc.enable()
        # Only where the user insists on forks: libraries that are loaded already may not look at them any more.
        os.environ.update(spec.variables)
        outcome = run_attempt(
            spec,
            inheritance.compiled,
            inheritance.registry,
            inheritance.settings,
            send_secrets=lambda values: connection.send(("secrets", number, tuple(values))),
            current_extras=current_extras(spec),
        )
        connection.send(("outcome", number, outcome))
        code = 0 if outcome.status == "succeeded" else 1
        end_process(code, libc)
    except BaseException:
        # Only a fault of FlowKit's own, or a signal outside of the attempt, comes here.
        sys.excepthook(*cast(Any, sys.exc_info()))
    finally:
        os._exit(code)
