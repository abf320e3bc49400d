"""A task on its way to the parent of tasks: as bytes, without what its run and its siblings have in common.

A forked process pays for every object that it makes or touches with a copied page. The tasks of one split differ in two
fields, so that of all but the first, two fields are sent; the others are read from a specification that the parent of
tasks made once.
"""

from __future__ import annotations

import pickle
import struct
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.model.task import ForeachFrame, TaskSpec

if TYPE_CHECKING:
    from flowkit.model.task import RunSpec

__all__ = ["TaskReader", "TaskWriter", "ToldTask"]

#: A message's bytes and, where they are those of a sibling, the specification that they change.
ToldTask = tuple[bytes, TaskSpec | None]

#: Stands for the run where it isn't told.
_NOT_TOLD: Any = None
_WHOLE = b"W"
_SIBLING = b"S"
#: Index of the item that the task is for; its id follows, in UTF-8.
_INDEX = struct.Struct("=q")
_common_fields = attrgetter(
    *(field.name for field in attrs.fields(TaskSpec) if field.name not in ("task_id", "frames"))
)
_common_frame_fields = attrgetter(*(field.name for field in attrs.fields(ForeachFrame) if field.name != "index"))
_set: Any = object.__setattr__


class TaskWriter:
    """The launching process's side: tells which tasks are siblings, and when what they share must be told again."""

    def __init__(self) -> None:
        self._run: RunSpec | None = None
        self._siblings: tuple[Any, ...] | None = None
        self._group = 0
        #: The last one that was told whole, if it was of this group.
        self._whole: TaskSpec | None = None

    def shared(self, spec: TaskSpec) -> RunSpec | None:
        """What must be sent before the task; None if the other side has it."""
        return None if spec.run is self._run else spec.run

    def was_told(self, run: RunSpec) -> None:
        """The other side has it now."""
        self._run = run
        self._whole = None

    def write(self, spec: TaskSpec) -> tuple[int, bytes]:
        """The number of the group of tasks that read the same inputs, and the specification but for its run."""
        siblings = (spec.step, spec.inputs, spec.frames[-1].items if spec.frames else None)
        if siblings != self._siblings:
            self._siblings = siblings
            self._group += 1
            self._whole = None
        if self._whole is not None and _are_alike(self._whole, spec):
            return self._group, _SIBLING + _INDEX.pack(spec.frames[-1].index) + spec.task_id.encode()
        return self._group, _WHOLE + pickle.dumps(attrs.evolve(spec, run=_NOT_TOLD), protocol=5)

    def was_sent(self, spec: TaskSpec, message: bytes) -> None:
        """The other side has the message that :meth:`write` made of ``spec``."""
        if message[:1] == _WHOLE:
            self._whole = spec


def _are_alike(one: TaskSpec, other: TaskSpec) -> bool:
    """Whether two specifications differ at most in their ids and in the items of one split that they are for."""
    return (
        bool(one.frames and other.frames)
        and _common_frame_fields(one.frames[-1]) == _common_frame_fields(other.frames[-1])
        and one.frames[:-1] == other.frames[:-1]
        and _common_fields(one) == _common_fields(other)
    )


class TaskReader:
    """The other side: in the parent of tasks, and in its children."""

    def __init__(self) -> None:
        self.run: RunSpec | None = None
        self._whole = b""
        self._sibling: TaskSpec | None = None

    def take(self, message: bytes) -> ToldTask:
        """Take note of a task, each in its turn. Makes no specification of one that is told whole: its process does."""
        if message[:1] == _WHOLE:
            self._whole = message
            self._sibling = None
            return message, None
        if self._sibling is None:
            self._sibling = self._made(self._whole)
        return message, self._sibling

    def read(self, told: ToldTask) -> TaskSpec:
        """The specification again. That of the sibling that was read before it in this process is no more."""
        message, spec = told
        if spec is None:
            return self._made(message)
        # The objects are this class's own, and no two siblings are of use in one process.
        _set(spec, "task_id", message[1 + _INDEX.size :].decode())
        _set(spec.frames[-1], "index", _INDEX.unpack_from(message, 1)[0])
        return spec

    def _made(self, message: bytes) -> TaskSpec:
        spec: TaskSpec = pickle.loads(memoryview(message)[1:])  # noqa: S301 - from this process's own fork
        _set(spec, "run", self.run)
        return spec
