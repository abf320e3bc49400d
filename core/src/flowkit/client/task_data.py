"""What ``task.data`` and ``run.data`` are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flowkit.client.display import did_you_mean
from flowkit.errors import ArtifactNotFound

if TYPE_CHECKING:
    from flowkit.client.task import Task

__all__ = ["TaskData"]


class TaskData:
    """A task's artifacts as attributes: ``task.data.model`` loads the artifact ``model``, each time anew."""

    __slots__ = ("_task",)

    def __init__(self, task: Task) -> None:
        self._task = task

    def __getattr__(self, name: str) -> Any:
        # Python's own protocols (copying, pickling, display) ask for names that no artifact has.
        if name == "_task" or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(name)
        artifact = self._task._find(name)
        if artifact is None:
            raise ArtifactNotFound(
                f"{self._task} has no artifact {name!r}; {did_you_mean(name, self._names(), 'artifacts')}"
            )
        return artifact.data

    def __contains__(self, name: object) -> bool:
        return name in self._task

    def __dir__(self) -> Iterator[str]:
        return iter([*super().__dir__(), *self._names()])

    def __reduce__(self) -> tuple[type[TaskData], tuple[Task]]:
        return (TaskData, (self._task,))

    def __repr__(self) -> str:
        return f"<TaskData of {self._task.pathspec}: {', '.join(self._names())}>"

    def _names(self) -> list[str]:
        return [artifact.id for artifact in self._task]
