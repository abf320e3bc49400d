"""The datastore ``spin``: a folder of its own, over the store of the run whose task is run again.

What is written goes into the folder. What isn't in it is read from the other store, wherever that is: a task that is
run again refers to the inputs of the task that it repeats, and copies nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self, cast

from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.interfaces.datastore import Buffer, Datastore, LogWriter, ObjectAside, ObjectInfo
from flowkit.interfaces.staged import StagedObject
from flowkit.model.task import StoreRef

__all__ = ["SpinDatastore"]

#: Stands between the folder and the other store in a root: ``FOLDER|NAME@ROOT``.
_OVER = "|"


class SpinDatastore(Datastore):
    """A folder over another store, which is never written to.

    Parameters
    ----------
    root
        ``FOLDER``, or ``FOLDER|NAME@ROOT`` with the provider's name and the root of the other store.
    """

    name: ClassVar[str] = "spin"

    def __init__(self, root: str) -> None:
        self.root = root
        folder, _, below = root.partition(_OVER)
        self._own = LocalDatastore(folder)
        name, _, below_root = below.partition("@")
        self._ref = StoreRef(name, below_root) if name else None

    @classmethod
    def open(cls, root: str) -> Self:
        """Open both stores; the folder is made by the first write."""
        return cls(root)

    @cached_property
    def _below(self) -> Datastore | None:
        if self._ref is None:
            return None
        from flowkit.kernel.registry import default_registry

        kind = cast("type[Datastore]", default_registry().get("datastores", self._ref.name))
        return kind.open(self._ref.root)

    def _holder(self, key: str) -> Datastore:
        """The store to read an object from: the folder where it has it, or where there is no other."""
        if self._below is None or self._own.local_path(key) is not None:
            return self._own
        return self._below

    # --- writing: to the folder --------------------------------------------------------------------------------------

    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        """Write one object into the folder."""
        return self._own.put(key, parts, overwrite=overwrite)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects from the folder; those of the other store stay."""
        self._own.delete(keys)

    def renew(self, key: str) -> bool:
        """Set the time of an object in the folder; one of the other store isn't touched."""
        return self._own.renew(key)

    def open_log(self, key: str) -> LogWriter:
        """A log in the folder."""
        return self._own.open_log(key)

    def stage(self, prefix: str = "") -> StagedObject:
        """An object that will be in the folder."""
        return self._own.stage(prefix)

    def remove_leftovers(self, older_than_seconds: float) -> int:
        """Remove what killed writers left in the folder."""
        return self._own.remove_leftovers(older_than_seconds)

    def set_aside(self, objects: Iterable[ObjectInfo]) -> Iterator[ObjectInfo]:
        """Set objects of the folder aside."""
        return self._own.set_aside(objects)

    def list_aside(self, prefix: str = "") -> Iterator[ObjectAside]:
        """Objects of the folder that were set aside."""
        return self._own.list_aside(prefix)

    def restore(self, key: str) -> bool:
        """Bring back an object of the folder."""
        return self._own.restore(key)

    def drop_aside(self, objects: Iterable[ObjectAside]) -> None:
        """Remove objects of the folder that were set aside."""
        self._own.drop_aside(objects)

    # --- reading: from either --------------------------------------------------------------------------------------

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read an object, or a range of it."""
        return self._holder(key).get(key, start, length)

    def get_buffer(self, key: str, size: int) -> memoryview:
        """An object's content as memory."""
        return self._holder(key).get_buffer(key, size)

    def info(self, key: str) -> ObjectInfo | None:
        """Size and time of an object."""
        return self._holder(key).info(key)

    def list(self, prefix: str = "", *, recursive: bool = True) -> Iterator[ObjectInfo]:
        """Objects of the folder; what only the other store has is another run's, and isn't listed."""
        return self._own.list(prefix, recursive=recursive)

    def local_path(self, key: str) -> Path | None:
        """The file that holds an object, where there is one on this machine."""
        return self._holder(key).local_path(key)

    def is_mappable(self) -> bool:
        """Whether the other store maps its objects; the folder always does."""
        return self._below is None or self._below.is_mappable()

    def close(self) -> None:
        """Give back the other store's connections."""
        below = self.__dict__.pop("_below", None)
        if below is not None:
            below.close()
