"""A fresh interpreter that runs one attempt of one task.

``FLOWKIT_TASK=fd:R:W:P:C python -m flowkit.task FLOW_FILE`` runs the flow's file as ``__main__``; the call of the
flow's class at its end arrives at :func:`run_flow_task`, and where there is no such call, the flow is looked for by
name.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from flowkit.model.task import TaskOutcome, TaskSpec
from flowkit.task.channel import VARIABLE, TaskChannel
from flowkit.task.process import Libc, end_process, prepare_streams

if TYPE_CHECKING:
    from flowkit.task.masking import OutputMask

__all__ = ["main", "run_flow_task"]


def main(argv: list[str]) -> NoReturn:
    """Run the flow's file ``argv[0]`` and in it the task that ``FLOWKIT_TASK`` tells of."""
    address = os.environ.get(VARIABLE)
    if address is None or len(argv) != 1:
        sys.stderr.write(f"usage: {VARIABLE}=… python -m flowkit.task FLOW_FILE (FlowKit starts this by itself)\n")
        raise SystemExit(2)
    from flowkit.task.user_module import find_flow_class, load_flow_file

    _Process.current = _Process(TaskChannel(address))
    try:
        module = load_flow_file(argv[0])
        flow_class = find_flow_class(module, _Process.current.spec.run.flow)
    except BaseException as error:
        _Process.current.import_failed(error)
    run_flow_task(flow_class)


def run_flow_task(flow_class: type[Any]) -> NoReturn:
    """Run the attempt and end the process. What ``FlowSpec()`` calls in place of the command line."""
    process = _Process.current or _Process(TaskChannel(os.environ[VARIABLE]))
    # Whatever the task starts, another flow for one, is not this task.
    os.environ.pop(VARIABLE, None)
    process.run(flow_class)


class _Process:
    """This process, which has one task."""

    current: _Process | None = None

    def __init__(self, channel: TaskChannel) -> None:
        self._channel = channel
        self._libc = Libc()
        # A thread of the launching process may have held these back; a child has that from it.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
        faulthandler.enable(sys.stderr if channel.crash_fd is None else channel.crash_fd, all_threads=False)
        if channel.parent is not None:
            self._libc.die_with_parent(channel.parent, signal.SIGKILL)
        self._libc.unbuffer_stdout()
        prepare_streams()
        self._started_at = time.time()
        self._mask: OutputMask | None = None
        self.spec: TaskSpec = channel.spec()
        # A flag of the launching process's command line counts for its tasks, whatever backend starts them.
        os.environ.update({**self.spec.run.variables, **self.spec.variables})

    def run(self, flow_class: type[Any]) -> NoReturn:
        """The attempt, and the end."""
        from flowkit.compile.compiler import compile_flow
        from flowkit.compile.prepare import prepare_flow
        from flowkit.kernel.registry import Registry
        from flowkit.settings import Settings
        from flowkit.task.attempt import run_attempt
        from flowkit.task.stored_configs import stored_configs

        if flow_class.__name__ != self.spec.run.flow:
            flow_class = self._flow_of_name()
        try:
            settings = Settings.load()
            registry = Registry.for_flow(settings, self.spec.run.flow_file)
            prepared = prepare_flow(flow_class, registry, stored_configs(flow_class, self.spec.run, registry))
            compiled = compile_flow(flow_class, registry, self.spec.run.decospecs, prepared)
            extras = registry.get("compute_backends", self.spec.backend).current_extras(self.spec)
        except BaseException as error:
            self.import_failed(error)
        outcome = run_attempt(
            self.spec,
            compiled,
            registry,
            settings,
            send_secrets=self._redact,
            current_extras=extras,
        )
        self._end(outcome)

    def import_failed(self, error: BaseException) -> NoReturn:
        """The flow's file, or the plugins that it needs, can't be loaded."""
        from flowkit.task.failure import print_failure, summarize

        print_failure(error)
        self._end(TaskOutcome("failed", failure=summarize(error), started_at=self._started_at, finished_at=time.time()))

    def _redact(self, values: Sequence[str]) -> None:
        if self._channel.carries_secrets:
            self._channel.send_secrets(values)
        elif values:
            if self._mask is None:
                from flowkit.task.masking import OutputMask

                self._mask = OutputMask(self._libc.flush)
            self._mask.add(values)

    def _flow_of_name(self) -> type[Any]:
        from flowkit.task.user_module import find_flow_class

        try:
            return find_flow_class(sys.modules["__main__"], self.spec.run.flow)
        except Exception as error:
            self.import_failed(error)

    def _end(self, outcome: TaskOutcome) -> NoReturn:
        self._channel.send_outcome(outcome)
        drain = None if self._mask is None else self._mask.drain
        end_process(0 if outcome.status == "succeeded" else 1, self._libc, drain)
