"""Values that a test gives a step, as the artifacts of the tasks before it: copies are loaded of them, on first use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flowkit.artifacts.serializers import SerializerTable, dotted_type
from flowkit.artifacts.store import ArtifactStore
from flowkit.errors import ArtifactError, ParameterError
from flowkit.kernel.registry import Registry
from flowkit.model.artifact import ArtifactEntry
from flowkit.model.task import StoreRef
from flowkit.testing.memory_datastore import MemoryDatastore

__all__ = ["GivenArtifacts", "open_store", "temporary_store"]

#: In place of a serializer's name: the value is passed on as it is.
_GIVEN = "as it is"


def open_store(flow: str, registry: Registry) -> ArtifactStore:
    """A store in memory, with the serializers that a run has."""
    serializers = SerializerTable.from_registry(registry).choosing(registry.settings.serializers)
    return ArtifactStore(MemoryDatastore(), flow, serializers)


@contextmanager
def temporary_store() -> Iterator[StoreRef]:
    """Where decorators write, if they do: a folder that isn't there before, and not after."""
    import shutil
    import tempfile
    from uuid import uuid4

    root = f"{tempfile.gettempdir()}/flowkit-step-{uuid4().hex}"
    try:
        yield StoreRef("local", root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


class GivenArtifacts(Mapping[str, ArtifactEntry]):
    """Values by name, and for whoever asks what would be stored of them.

    Parameters
    ----------
    copies
        A task gets copies, as a real one does; but for values that can't be stored, such as mocks: those are passed
        on as they are, and all are if this is False.
    missing
        Names of required parameters without a value: asking for one is an error that says so.
    """

    def __init__(
        self, values: Mapping[str, Any], store: ArtifactStore, *, copies: bool, missing: Collection[str] = ()
    ) -> None:
        self.values_given = dict(values)
        self._store = store
        self.missing = frozenset(missing)
        self._copies = copies
        self._entries: dict[str, ArtifactEntry] = {}

    def __getitem__(self, name: str) -> ArtifactEntry:
        if name not in self._entries:
            self._entries[name] = self._entry(name, self.values_given[name])
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        # The base class's would make an entry.
        return name in self.values_given

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_given)

    def __len__(self) -> int:
        return len(self.values_given)

    def load(self, name: str) -> Any:
        """The value, for one task. Raises KeyError if there is none, ParameterError if it is of ``missing``."""
        if name in self.missing:
            raise ParameterError(
                f"parameter {name!r} is required, and the test gives no value: run_step(…, parameters={{{name!r}: …}})"
            )
        value = self.values_given[name]
        entry = self[name] if self._copies else None
        if entry is None or entry.serializer == _GIVEN:
            return value
        return self._store.load(entry, name=name)

    def _entry(self, name: str, value: Any) -> ArtifactEntry:
        try:
            return self._store.save(name, value)
        except ArtifactError:
            # Two names of one object are equal, and nothing else is.
            return ArtifactEntry(dotted_type(type(value)), _GIVEN, 0, f"object {id(value)}")
