"""What ``task.exception`` is."""

from __future__ import annotations

import attrs

from flowkit.model.artifact import FailureSummary
from flowkit.model.record import AttemptRecord

__all__ = ["TaskFailure"]


@attrs.frozen
class TaskFailure:
    """The exception that ended a task, in words."""

    #: The exception's message.
    exception: str
    #: Dotted, as ``builtins.ValueError`` or ``package.module.Error``; empty where it ended without an exception.
    type: str = ""
    #: The user's own frames.
    stacktrace: str = ""

    def __str__(self) -> str:
        return self.stacktrace or (f"{self.type}: {self.exception}" if self.type else self.exception)

    @classmethod
    def of_summary(cls, summary: FailureSummary) -> TaskFailure:
        """From what the attempt itself stored."""
        return cls(summary.message, _dotted(summary.type), summary.traceback)

    @classmethod
    def of_attempt(cls, attempt: AttemptRecord) -> TaskFailure:
        """From the record of an attempt that stored nothing."""
        kind, separator, message = attempt.failure.partition(": ")
        if separator and kind.replace(".", "").isidentifier():
            return cls(message, _dotted(kind))
        if attempt.failure:
            return cls(attempt.failure)
        code = attempt.exit_code
        if attempt.status == "cancelled":
            return cls("the run ended it")
        return cls("its process ended" + ("" if code is None else f" with {_exit(code)}"))


def _dotted(kind: str) -> str:
    """As ``@catch`` names types, too."""
    return kind if "." in kind or not kind else f"builtins.{kind}"


def _exit(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    import signal

    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
