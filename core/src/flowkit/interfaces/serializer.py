"""How values become bytes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import attrs

from flowkit.interfaces.datastore import Buffer

__all__ = ["Serialized", "Serializer"]


@attrs.frozen
class Serialized:
    """A value as bytes: a payload, and buffers that are stored from where they lie, with no copy made."""

    payload: Buffer
    buffers: Sequence[Buffer] = ()
    #: JSON values that loading needs.
    info: Mapping[str, Any] = attrs.field(factory=dict)


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
        """The value again. The buffers are writable and the caller's own; the value may keep them."""
