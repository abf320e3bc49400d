"""A value that an artifact must have, or a function that says whether one will do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit.artifacts.fingerprint import Fingerprint
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.client.task import Task
    from flowkit.model.artifact import ArtifactEntry

__all__ = ["Wanted"]

#: Values of which equal ones of one type are always stored alike.
_PLAIN = frozenset({"builtins.str", "builtins.int", "builtins.float", "builtins.bool", "builtins.NoneType"})
#: Bytes. A number of numpy takes less.
_NUMBER_SIZE = 512


class Wanted:
    """One artifact, by its name and what it must be.

    Parameters
    ----------
    value
        What it must equal; or, if it can be called, what is called with the value that is stored.
    """

    def __init__(self, name: str, value: Any) -> None:
        self._name = name
        self._value = value
        self._fingerprints: tuple[Fingerprint, ...] | None = None

    def is_in(self, task: Task) -> bool:
        """Whether the task has such an artifact.

        An equal value is known by its hash. A stored one is loaded only for a function, or if values of its type can
        be equal that aren't stored alike.
        """
        entry = task._entry_or_none(self._name)
        if entry is None:
            return False
        if callable(self._value):
            return bool(self._value(task._load(self._name, entry)))
        if any(known.is_of(entry) for known in self._known(task._run.store)):
            return True
        return self._may_be_equal(entry) and self._equals(task._load(self._name, entry))

    def _known(self, store: ArtifactStore) -> tuple[Fingerprint, ...]:
        if self._fingerprints is None:
            self._fingerprints = tuple(store.fingerprint(value) for value in _spellings(self._value))
        return self._fingerprints

    def _may_be_equal(self, entry: ArtifactEntry) -> bool:
        own = {known.type for known in self._fingerprints or ()}
        if own <= _PLAIN:
            is_number = isinstance(self._value, int | float)
            return is_number and entry.type.startswith("numpy.") and entry.size <= _NUMBER_SIZE
        return entry.type in own

    def _equals(self, stored: Any) -> bool:
        try:
            return bool(stored == self._value)
        except Exception:  # arrays have no truth of their own
            return False


def _spellings(value: Any) -> list[Any]:
    """The value, and for a number the equal ones of other types."""
    if not isinstance(value, int | float):
        return [value]
    others = []
    for kind in (int, float, bool):
        try:
            other = kind(value)
        except (OverflowError, ValueError):  # infinity isn't an integer
            continue
        if other == value and type(other) is not type(value):
            others.append(other)
    return [value, *others]
