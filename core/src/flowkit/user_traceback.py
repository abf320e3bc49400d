"""Tracebacks as users see them."""

from __future__ import annotations

__all__ = ["user_traceback"]


def user_traceback(error: BaseException) -> str:
    """The traceback of ``error``, and of those that it came from, without frames of this package."""
    import os.path
    import traceback

    package = os.path.dirname(os.path.abspath(__file__))
    own = (package + os.sep, os.path.realpath(package) + os.sep)
    whole = traceback.TracebackException.from_exception(error)
    pending: list[traceback.TracebackException | None] = [whole]
    while pending:
        part = pending.pop()
        if part is not None:
            kept = [frame for frame in part.stack if not frame.filename.startswith(own)]
            part.stack = traceback.StackSummary.from_list(kept)
            pending += [part.__cause__, part.__context__, *(part.exceptions or ())]
    return "".join(whole.format())
