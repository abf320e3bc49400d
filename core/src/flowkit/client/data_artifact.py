"""Artifacts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from flowkit.client.base import InRun, local_time
from flowkit.client.display import size as size_text
from flowkit.client.run_context import View
from flowkit.ids import Kind

if TYPE_CHECKING:
    from flowkit.client.task import Task
    from flowkit.model.artifact import ArtifactEntry

__all__ = ["DataArtifact"]


class DataArtifact(InRun):
    """One artifact of a task.

    Parameters
    ----------
    pathspec
        ``Flow/run/step/task/artifact``.
    attempt
        Which attempt's; None for the latest.
    """

    kind: ClassVar[Kind] = "artifact"

    def __init__(self, pathspec: str, attempt: int | None = None) -> None:
        super().__init__(pathspec, _attempt=attempt)

    def _setup(self, view: View, path: tuple[str, ...]) -> None:
        super()._setup(view, path)
        self._attempt: int | None = None
        self._task: Task | None = None
        self._entry: ArtifactEntry | None = None

    def _check(self) -> None:
        super()._check()
        self._stored()

    def _stored(self) -> ArtifactEntry:
        if self._entry is None:
            self._entry = self.parent._entry_of(self.id)
        return self._entry

    @property
    def data(self) -> Any:
        """The value, loaded now: each access gives one of its own.

        Raises
        ------
        CorruptedBlobError
            If the stored bytes aren't those that were stored.
        ArtifactError
            If its type can't be imported here.
        """
        return self.parent._load(self.id, self._stored())

    @property
    def sha(self) -> str:
        """Hash of the stored content: equal for equal content."""
        return self._stored().hash

    @property
    def size(self) -> int:
        """Bytes, uncompressed."""
        return self._stored().size

    @property
    def type(self) -> str:
        """Dotted type of the value, as ``builtins.int``. The value isn't loaded for it."""
        return self._stored().type

    @property
    def finished_at(self) -> datetime | None:
        """When the attempt that stored it ended."""
        return self.parent.finished_at

    @property
    def created_at(self) -> datetime:
        """When it was stored, which is when its attempt ended."""
        return self.parent.finished_at or local_time(self._run.record.created_at)

    @property
    def parent(self) -> Task:
        """The task."""
        if self._task is None:
            self._task = cast("Task", self._ancestor("task", 4))
            self._task._attempt = self._attempt
        return self._task

    @property
    def origin_pathspec(self) -> str | None:
        """The artifact that this is, in the task that its task is a copy of; else None."""
        origin = self.parent.origin_pathspec
        return None if origin is None else f"{origin}/{self.id}"

    def _identity(self) -> tuple[object, ...]:
        return (*super()._identity(), self._attempt)

    def _pickled(self) -> dict[str, object]:
        return {"_attempt": self._attempt}

    def _notes(self) -> list[str]:
        attempt = "" if self._attempt is None else f"attempt={self._attempt}"
        if self._entry is None:
            return [attempt]
        return [attempt, self._entry.type.removeprefix("builtins."), size_text(self._entry.size)]
