"""The local variables of a failed step's frames: what is kept of them, and how it is read again.

Kept are, of each variable, its type, its repr, cut short, and the value itself if it is small and of plain types; never
a pickle of unknown cost. All of it is bounded in size and in time, and without the secrets that the attempt knew.
"""

from __future__ import annotations

import json
import reprlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.artifacts.layout import frames_key
from flowkit.task.failure import dotted_type, inside_body, is_users_file
from flowkit.task.plain_values import plain_pickle
from flowkit.task.time_limit import time_limit

if TYPE_CHECKING:
    from flowkit.interfaces.datastore import Datastore
    from flowkit.task.context import AttemptContext

__all__ = ["KeptFrame", "Shown", "keep_frames", "kept_frames", "read_frames"]

_VERSION = 1
#: The innermost frames count.
_MOST_FRAMES = 30
_MOST_NAMES = 60
#: Characters of one repr.
_LONGEST_REPR = 2_000
#: Characters of a text that are looked at.
_LONGEST_LOOK = 100_000
#: Bytes of all reprs and values together.
_MOST_BYTES = 512 * 1024
#: Seconds for one repr, and for all.
_REPR_SECONDS = 0.2
_ALL_SECONDS = 1.0
#: What a variable whose name says so holds isn't kept.
_SECRET_NAMES = ("password", "passwd", "secret", "api_key", "apikey", "access_token", "auth_token", "credential")


@attrs.frozen(repr=False)
class Shown:
    """A value that wasn't kept itself: its type and its repr, as they were."""

    type: str
    text: str

    def __repr__(self) -> str:
        return self.text


@attrs.frozen
class KeptFrame:
    """One frame of the exception's traceback."""

    file: str
    line: int
    function: str
    #: The line of source.
    source: str
    #: Local variables by name: values, or :class:`Shown` in place of those that weren't kept.
    locals: Mapping[str, Any] = attrs.field(repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}, in {self.function}: {self.source}"


def keep_frames(error: BaseException, context: AttemptContext, datastore: Datastore) -> None:
    """Store the frames of an attempt's body, and of what it called, beside the manifest.

    What goes wrong with that is let go: nothing depends on it. Frames around the body aren't stored: they may hold what
    nobody is to keep, as those of a decorator that fetched a secret and failed before it could say what is one.
    """
    trace = inside_body(error)
    if trace is None or isinstance(error, KeyboardInterrupt):  # nobody's fault
        return
    spec, known = context.spec, {"self": context.flow, "inputs": context.inputs}
    key = frames_key(spec.run.flow, spec.run.run_id, spec.step, spec.task_id, spec.attempt)
    with suppress(Exception):
        datastore.put(key, [kept_frames(trace, context.redacted, known)], overwrite=True)


def kept_frames(trace: TracebackType | None, redacted: Callable[[str], str], known: Mapping[str, Any]) -> bytes:
    """What is to be kept of a traceback's frames, as JSON; the innermost last.

    Parameters
    ----------
    redacted
        Takes secrets out of a text.
    known
        Objects that whoever reads it has again, by a name for them: the flow and the inputs of a join.
    """
    budget = _Budget(redacted, {id(value): name for name, value in known.items() if value is not None})
    frames = [_frame(trace, budget) for trace in reversed(_traces(trace))]
    return json.dumps({"version": _VERSION, "frames": frames[::-1]}).encode("utf-8", "backslashreplace")


def read_frames(data: bytes, known: Mapping[str, Any]) -> list[KeptFrame]:
    """The frames that :func:`kept_frames` wrote, the innermost last; none if a newer FlowKit wrote them."""
    document = json.loads(data)
    if document["version"] > _VERSION:
        return []
    return [
        KeptFrame(**{**frame, "locals": {name: _value(entry, known) for name, entry in frame["locals"].items()}})
        for frame in document["frames"]
    ]


def _value(entry: Mapping[str, str], known: Mapping[str, Any]) -> Any:
    import pickle

    if entry.get("known") in known:
        return known[entry["known"]]
    if "value" in entry:
        try:
            return pickle.loads(b64decode(entry["value"]))  # noqa: S301 - plain values of the user's own run
        except Exception:  # numpy isn't there any more, or is another
            return Shown(entry["type"], entry["repr"])
    return Shown(entry["type"], entry["repr"])


# --- keeping -----------------------------------------------------------------------------------------------------


def _traces(trace: TracebackType | None) -> list[TracebackType]:
    found: list[TracebackType] = []
    while trace is not None:
        if is_users_file(trace.tb_frame.f_code.co_filename):
            found.append(trace)
        trace = trace.tb_next
    return found[-_MOST_FRAMES:]


def _frame(trace: TracebackType, budget: _Budget) -> dict[str, Any]:
    import linecache

    code = trace.tb_frame.f_code
    return {
        "file": code.co_filename,
        "line": trace.tb_lineno,
        "function": code.co_name,
        "source": linecache.getline(code.co_filename, trace.tb_lineno).strip(),
        "locals": dict(budget.entries(trace.tb_frame.f_locals)),
    }


class _Budget:
    """Keeps variables while there is room and time; the innermost frame comes first."""

    def __init__(self, redacted: Callable[[str], str], known: Mapping[int, str]) -> None:
        self._redacted = redacted
        self._known = known
        self._short = _ShortRepr(redacted)
        self._left = _MOST_BYTES
        self._until = monotonic() + _ALL_SECONDS

    def entries(self, variables: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
        """What is kept of the variables of one frame."""
        for number, (name, value) in enumerate(variables.items()):
            if number >= _MOST_NAMES or (name.startswith("__") and name.endswith("__")):
                continue
            entry = {"type": dotted_type(value)}
            if (known := self._known.get(id(value))) is not None:
                entry["known"] = known
                entry["repr"] = f"<{known}>"
            elif any(word in name.lower() for word in _SECRET_NAMES):
                entry["repr"] = "***"
            else:
                self._keep(value, entry)
            self._left -= sum(map(len, entry.values()))
            yield name, entry

    def _keep(self, value: Any, entry: dict[str, str]) -> None:
        seconds = min(_REPR_SECONDS, self._until - monotonic())
        if seconds <= 0 or self._left <= 0:
            entry["repr"] = "<not kept: too many variables>"
            return
        text = self._short.of(value, seconds)
        shown = self._redacted(text)
        entry["repr"] = shown if len(shown) <= _LONGEST_REPR else f"{shown[:_LONGEST_REPR]}…"
        data = plain_pickle(value)
        if data is not None and len(data) <= self._left and not self._has_secret(data):
            entry["value"] = b64encode(data).decode()

    def _has_secret(self, data: bytes) -> bool:
        # Texts are UTF-8 in a pickle; a lone byte of a number mustn't hide one.
        text = data.decode("utf-8", "replace")
        return self._redacted(text) != text


class _ShortRepr(reprlib.Repr):
    """Shows large containers in part, without walking through all of them."""

    def __init__(self, redacted: Callable[[str], str]) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = 40
        self.maxstring = self.maxother = 400
        self._redacted = redacted

    def of(self, value: Any, seconds: float) -> str:
        """The repr of a value, or why there is none."""
        try:
            with time_limit(seconds):
                is_builtin = type(value) in (list, tuple, dict, set, frozenset, str, bytes)
                return self.repr(value) if is_builtin else repr(value)
        except TimeoutError:
            return "<its repr takes too long>"
        except (Exception, SystemExit) as error:
            return f"<its repr raises {type(error).__name__}>"

    def repr_str(self, x: str, level: int) -> str:
        """A text, without secrets before it is cut: half a secret would be let through after."""
        short: str = super().repr_str(self._redacted(x[:_LONGEST_LOOK]), level)
        return short
