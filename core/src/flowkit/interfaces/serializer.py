"""How values become bytes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import attrs

from flowkit.interfaces.datastore import Buffer

__all__ = ["ContentWriter", "Serialized", "Serializer", "Sink"]


class Sink(Protocol):
    """Where a serializer writes content in pieces: enough of a binary file for libraries that write to one."""

    #: False; closing does nothing.
    closed: bool

    def write(self, data: Any, /) -> int:
        """Take a buffer of any kind; how many bytes it had."""

    def tell(self) -> int:
        """Bytes taken so far."""

    def flush(self) -> None:
        """Does nothing: pieces are collected until they are worth writing."""

    def close(self) -> None:
        """Does nothing: whoever made the sink ends it."""


#: Writes a content of unknown size, piece by piece, so that it need never be in memory as a whole.
ContentWriter = Callable[[Sink], None]


@attrs.frozen
class Serialized:
    """A value as bytes: a payload, and buffers that are stored from where they lie, with no copy made."""

    payload: Buffer | ContentWriter
    buffers: Sequence[Buffer] = ()
    #: JSON values that loading needs.
    info: Mapping[str, Any] = attrs.field(factory=dict)
    #: The loaded value lies in the payload (it isn't decoded from it): then a store that maps had better not compress.
    maps_payload: bool = False


class Serializer(ABC):
    """One way to store values. Contract: :class:`flowkit.testing.serializer.SerializerContract`.

    The provider says which types it claims (dotted names, so that no library is imported to find out) and with what
    priority; the one with the highest priority that :meth:`accepts` the value stores it. Pickle takes the rest.
    """

    api_version: ClassVar[int] = 1
    name: ClassVar[str]

    def accepts(self, value: Any) -> bool:
        """Whether this value, of a claimed type, can be stored so that it loads equal."""
        return True

    @abstractmethod
    def serialize(self, value: Any) -> Serialized:
        """Turn a value into bytes. May raise anything: the caller names the artifact."""

    @abstractmethod
    def deserialize(self, payload: memoryview, buffers: Sequence[memoryview], info: Mapping[str, Any]) -> Any:
        """The value again. The buffers are writable and the caller's own; the value may keep them, and the payload."""

    def reducers(self) -> Mapping[type, Callable[[Any], Any]]:
        """How values of claimed types, or of types that belong to them, are pickled inside other values.

        By exact type, a function like ``__reduce__``; asked once a module that a claimed type is in has been imported.
        """
        return {}
