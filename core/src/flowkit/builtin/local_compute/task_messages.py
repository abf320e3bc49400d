"""A task on its way to the parent of tasks: as bytes, without what all tasks of the run share."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from flowkit.model.task import RunSpec, TaskSpec

__all__ = ["TaskReader", "TaskWriter"]


#: Stands for the run where it isn't told.
_NOT_TOLD: Any = None


class TaskWriter:
    """The launching process's side: tells which tasks are siblings, and when what they share must be told again."""

    def __init__(self) -> None:
        self._run: RunSpec | None = None
        self._siblings: tuple[Any, ...] | None = None
        self._group = 0

    def shared(self, spec: TaskSpec) -> RunSpec | None:
        """What must be sent before the task; None if the other side has it."""
        return None if spec.run is self._run else spec.run

    def was_told(self, run: RunSpec) -> None:
        """The other side has it now."""
        self._run = run

    def write(self, spec: TaskSpec) -> tuple[int, bytes]:
        """The number of the group of tasks that read the same inputs, and the specification but for its run."""
        siblings = (spec.step, spec.inputs, spec.frames[-1].items if spec.frames else None)
        if siblings != self._siblings:
            self._siblings = siblings
            self._group += 1
        return self._group, pickle.dumps(attrs.evolve(spec, run=_NOT_TOLD), protocol=5)


class TaskReader:
    """The other side: in the parent of tasks, and in its children."""

    def __init__(self) -> None:
        self.run: RunSpec | None = None

    def read(self, data: bytes) -> TaskSpec:
        """The specification again."""
        spec: TaskSpec = pickle.loads(data)  # noqa: S301 - from this process's own fork
        object.__setattr__(spec, "run", self.run)  # the object is new and this process's own
        return spec
