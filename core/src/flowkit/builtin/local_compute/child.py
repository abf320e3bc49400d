"""A forked child that becomes the process of one task."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn, cast

from flowkit.builtin.local_compute.extras import current_extras
from flowkit.task.attempt import run_attempt
from flowkit.task.process import end_process

if TYPE_CHECKING:
    from flowkit.builtin.local_compute.inheritance import Inheritance
    from flowkit.builtin.local_compute.messages import Connection
    from flowkit.model.task import TaskSpec

__all__ = ["become_task"]

# Without the conversions from and to enumerations, which cost a forked process some fifty copied pages.
_set_handler: Any = import_module("_signal").signal
_SIGCHLD, _SIGTERM, _SIGINT = (int(number) for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT))
_DEFAULT = int(signal.SIG_DFL)


def become_task(
    inheritance: Inheritance, connection: Connection, number: int, spec: TaskSpec, fds: Sequence[int]
) -> NoReturn:
    """Run the attempt in this process, and end it. ``fds``: stdout and stderr, and the file for a crash's report."""
    code = 1
    try:
        os.setpgid(0, 0)
        libc: Any = inheritance.libc
        libc.die_with_parent(inheritance.parent, signal.SIGKILL)
        os.dup2(fds[0], 1)
        os.dup2(fds[1], 2)
        os.dup2(fds[2], inheritance.crash_fd, inheritable=False)
        for fd in fds:
            os.close(fd)
        _set_handler(_SIGCHLD, _DEFAULT)
        _set_handler(_SIGTERM, _DEFAULT)
        _set_handler(_SIGINT, signal.default_int_handler)
        if inheritance.random is not None:
            inheritance.random.apply()
        gc.enable()
        if spec.variables:
            # Only where the user insists on forks: libraries that are loaded already may not look at them any more.
            os.environ.update(spec.variables)
        outcome = run_attempt(
            spec,
            inheritance.compiled,
            inheritance.registry,
            inheritance.settings,
            send_secrets=lambda values: connection.send(("secrets", number, tuple(values))),
            current_extras=current_extras(spec),
            shared=inheritance.shared,
        )
        connection.send(("outcome", number, outcome))
        code = 0 if outcome.status == "succeeded" else 1
        end_process(code, libc)
    except BaseException:
        # Only a fault of FlowKit's own, or a signal outside of the attempt, comes here.
        sys.excepthook(*cast(Any, sys.exc_info()))
    finally:
        os._exit(code)
