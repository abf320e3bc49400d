"""What ``task.artifacts`` is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flowkit.client.display import did_you_mean
from flowkit.errors import ArtifactNotFound

if TYPE_CHECKING:
    from flowkit.client.data_artifact import DataArtifact

__all__ = ["TaskArtifacts"]


class TaskArtifacts(tuple["DataArtifact", ...]):
    """A task's artifacts, unloaded: a tuple, and each by its name, as in a named tuple.

    Names that begin with an underscore are left out.
    """

    __slots__ = ()

    @classmethod
    def _make(cls, artifacts: Iterable[DataArtifact]) -> TaskArtifacts:
        """From an iterable."""
        return cls(artifacts)

    @property
    def _fields(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(artifact.id for artifact in self)

    def _asdict(self) -> dict[str, DataArtifact]:
        """By name."""
        return {artifact.id: artifact for artifact in self}

    def __getattr__(self, name: str) -> DataArtifact:
        for artifact in self:
            if artifact.id == name:
                return artifact
        if name.startswith("_"):
            raise AttributeError(name)
        raise ArtifactNotFound(f"no artifact {name!r}; {did_you_mean(name, self._fields, 'artifacts')}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._fields]

    def __repr__(self) -> str:
        return f"TaskArtifacts({', '.join(f'{artifact.id}={artifact!r}' for artifact in self)})"
