"""What became of a process, in words and as an outcome."""

from __future__ import annotations

import signal
from typing import Literal

import attrs

from flowkit.model.artifact import FailureSummary
from flowkit.model.task import TaskOutcome

__all__ = ["EndedFor", "describe_exit", "outcome_of"]

#: Why this side ended the attempt.
EndedFor = Literal["timed_out", "cancelled"]

_SIGNALS = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "arithmetic error",
    signal.SIGILL: "illegal instruction",
    signal.SIGKILL: "killed",
    signal.SIGTERM: "terminated",
    signal.SIGINT: "interrupted",
}


def describe_exit(exit_code: int | None) -> str:
    """One line about how a process ended.

    Parameters
    ----------
    exit_code
        Negative for a signal; None where the process was lost.
    """
    if exit_code is None:
        return "the task's process was lost"
    if exit_code >= 0:
        return f"the task's process ended with exit status {exit_code} before the task was done"
    number = -exit_code
    name = _SIGNALS.get(number)  # type: ignore[call-overload]
    text = f"the task's process ended by signal {number}" + (f" ({name})" if name else "")
    if number == signal.SIGKILL:
        text += ": if nobody killed it, the system was probably out of memory"
    return text


def outcome_of(
    reported: TaskOutcome | None,
    exit_code: int | None,
    *,
    ended_for: EndedFor | None = None,
    reason: str = "",
    started_at: float = 0.0,
    finished_at: float = 0.0,
    peak_memory: int | None = None,
) -> TaskOutcome:
    """The outcome of an attempt whose process has ended.

    A success that the process reported stays one, however the process ended after it: its manifest is written.
    """
    if reported is not None:
        status = reported.status if reported.status == "succeeded" or ended_for is None else ended_for
        peak = max(peak_memory or 0, reported.peak_memory or 0) or None
        return attrs.evolve(reported, status=status, exit_code=exit_code, peak_memory=peak)
    message = reason or describe_exit(exit_code)
    return TaskOutcome(
        status=ended_for or "crashed",
        failure=FailureSummary("flowkit.errors.TaskFailed", message),
        exit_code=exit_code,
        started_at=started_at,
        finished_at=finished_at,
        peak_memory=peak_memory,
    )
