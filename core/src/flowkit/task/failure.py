"""Exceptions of a task in words: the user's own frames, without FlowKit's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flowkit.errors import DatastoreError, FlowkitError
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.model.artifact import FailureSummary

if TYPE_CHECKING:
    from traceback import StackSummary, TracebackException
    from types import FrameType, TracebackType

__all__ = ["dotted_type", "format_failure", "inside_body", "is_users_file", "print_failure", "summarize"]

#: Frames of these files are machinery: FlowKit's, and the import system's between two of the user's files.
# Both spellings of the folder: one of them may go through a symbolic link.
_PACKAGE = Path(__file__).absolute().parent.parent
_OWN = (f"{_PACKAGE}/", f"{_PACKAGE.resolve()}/")
_MACHINERY = ("<frozen importlib", "<frozen runpy")
#: The method of an attempt that calls the step's own.
_BODY = "_call_method"
#: A message or traceback longer than this many characters is cut in the summary (the log has all of it).
_LONGEST = 32_000


def dotted_type(value: object) -> str:
    """Type of a value: ``ValueError`` for a builtin one, else ``package.module.Class``."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def summarize(error: BaseException) -> FailureSummary:
    """The summary that is recorded: type, message, and the traceback of the user's own frames."""
    return FailureSummary(dotted_type(error), _cut(_message(error)), _cut(format_failure(error)))


def format_failure(error: BaseException) -> str:
    """What is printed: a traceback of the user's own frames; for an error with none of them, one line.

    An interrupt is nobody's fault: one line says where it came.
    """
    from traceback import TracebackException

    if isinstance(error, DatastoreError):
        return _format_storage_failure(error)
    try:
        shown = TracebackException.from_exception(error)
    except Exception:  # an exception class whose own __str__ or attributes raise
        return f"{dotted_type(error)}\n"
    has_frames = _keep_users_frames(shown, _wrapping_frames(error))
    if isinstance(error, KeyboardInterrupt):
        last = shown.stack[-1] if has_frames and shown.stack else None
        return f"interrupted at {last.filename}:{last.lineno}, in {last.name}\n" if last else "interrupted\n"
    if not has_frames and isinstance(error, FlowkitError):
        return f"{error.headline}: {error.message}\n"
    return "".join(shown.format())


def _format_storage_failure(error: DatastoreError) -> str:
    """The user's frames that led to it, and a line that says all: what an SDK did meanwhile helps nobody."""
    from itertools import dropwhile, takewhile
    from traceback import StackSummary, walk_tb

    def is_flowkits(frame: FrameType) -> bool:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        # FlowKit's properties are called through functools.
        return package.startswith("flowkit") or package == "functools" or not is_users_file(frame.f_code.co_filename)

    frames = list(dropwhile(lambda step: is_flowkits(step[0]), walk_tb(error.__traceback__)))
    users = list(takewhile(lambda step: not is_flowkits(step[0]), frames))
    shown = StackSummary.extract(iter(users)).format() if users else []
    head = ["Traceback (most recent call last):\n", *shown] if users else []
    return "".join([*head, f"{error.headline}: {error.message}\n"])


def print_failure(error: BaseException) -> None:
    """Write :func:`format_failure` to stderr."""
    sys.stderr.write(format_failure(error))
    sys.stderr.flush()


def is_users_file(file: str) -> bool:
    """Whether code of ``file`` is the user's, or of a library that they use: not FlowKit's own."""
    return not file.startswith((*_OWN, *_MACHINERY))


def inside_body(error: BaseException) -> TracebackType | None:
    """The traceback from the step's body on; None if the body wasn't come to."""
    found, trace = None, error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == _BODY and not is_users_file(code.co_filename):
            found = trace.tb_next
        trace = trace.tb_next
    return found


def _wrapping_frames(error: BaseException) -> frozenset[int]:
    """Places in the traceback of step decorators around the step's body, those of plugins too."""
    body, trace, place = inside_body(error), error.__traceback__, 0
    found: set[int] = set()
    while body is not None and trace is not body and trace is not None:
        if isinstance(trace.tb_frame.f_locals.get("self"), StepDecorator):
            found.add(place)
        trace, place = trace.tb_next, place + 1
    return frozenset(found)


def _keep_users_frames(
    shown: TracebackException, wrapping: frozenset[int] = frozenset(), seen: set[int] | None = None
) -> bool:
    """Take FlowKit's frames away, in causes and groups too. Returns whether any frame is left.

    Parameters
    ----------
    wrapping
        Places of other frames that are to go.
    """
    seen = set() if seen is None else seen
    if id(shown) in seen:
        return False
    seen.add(id(shown))
    kept = _cut_frames(shown.stack, wrapping)
    inner = [shown.__cause__, shown.__context__, *(getattr(shown, "exceptions", None) or ())]
    for one in inner:
        if one is not None:
            kept = _keep_users_frames(one, seen=seen) or kept
    return kept


def _cut_frames(stack: StackSummary, wrapping: frozenset[int]) -> bool:
    stack[:] = [frame for place, frame in enumerate(stack) if is_users_file(frame.filename) and place not in wrapping]
    return bool(stack)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # the user's own __str__ raises
        return "(the exception's message can't be shown: its __str__ raises)"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n… (cut)\n{text[-_LONGEST // 2 :]}"
