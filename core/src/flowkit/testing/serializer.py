"""The contract of serializers, as tests that a serializer's author inherits.

::

    class TestAvroSerializer(SerializerContract):
        serializer_class = AvroSerializer

        def values(self): return [...]
        def refused(self): return [...]
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flowkit.interfaces.datastore import as_bytes_view
from flowkit.interfaces.serializer import Serialized, Serializer

__all__ = ["MemorySink", "SerializerContract", "stored_form"]


class MemorySink:
    """A sink that keeps what it takes."""

    def __init__(self) -> None:
        self.closed = False
        self.pieces: list[bytes] = []

    def write(self, data: Any, /) -> int:
        """Take a piece."""
        piece = bytes(as_bytes_view(data))
        self.pieces.append(piece)
        return len(piece)

    def tell(self) -> int:
        """Bytes taken so far."""
        return sum(map(len, self.pieces))

    def flush(self) -> None:
        """Does nothing."""
        return None

    def close(self) -> None:
        """Does nothing."""
        return None


def stored_form(serialized: Serialized) -> tuple[bytes, list[bytes]]:
    """Payload and buffers as bytes."""
    if callable(serialized.payload):
        sink = MemorySink()
        serialized.payload(sink)
        payload = b"".join(sink.pieces)
    else:
        payload = bytes(as_bytes_view(serialized.payload))
    return payload, [bytes(as_bytes_view(buffer)) for buffer in serialized.buffers]


class SerializerContract(ABC):
    """Inherit, set ``serializer_class``, and give values."""

    serializer_class: ClassVar[type[Serializer]]

    # --- what an author gives --------------------------------------------------------------------------------------

    @abstractmethod
    def values(self) -> Sequence[Any]:
        """Values that it stores: small, large, empty, with each kind of content that it knows."""

    def refused(self) -> Sequence[Any]:
        """Values of claimed types that it must not accept, since they wouldn't load equal."""
        return ()

    def written_before(self) -> Sequence[tuple[Any, bytes, Sequence[bytes], Mapping[str, Any]]]:
        """Values, each with the payload, buffers and info of a stored form that must load for ever.

        Written by hand, or kept from an earlier version: so reading is checked apart from writing.
        """
        return ()

    def is_equal(self, one: Any, other: Any) -> bool:
        """Whether a value is what it was; for types whose ``==`` doesn't say."""
        return bool(one == other)

    # --- tests -----------------------------------------------------------------------------------------------------

    def test_it_has_a_name(self) -> None:
        """Manifests record it, so it is plain and never changes."""
        assert self.serializer_class.name.isidentifier()

    def test_values_load_equal(self) -> None:
        """And of the same type, by another object of the serializer than the one that stored them."""
        for value in self.values():
            writer, reader = self.serializer_class(), self.serializer_class()
            assert writer.accepts(value), value
            serialized = writer.serialize(value)
            loaded = _load(reader, serialized)
            assert type(loaded) is type(value)
            assert self.is_equal(loaded, value), value

    def test_a_loaded_value_is_stored_alike(self) -> None:
        """Else reading an artifact would count as changing it."""
        serializer = self.serializer_class()
        for value in self.values():
            first = stored_form(serializer.serialize(value))
            loaded = _load(serializer, serializer.serialize(value))
            again = serializer.serialize(loaded)
            assert stored_form(again) == stored_form(serializer.serialize(loaded))
            assert stored_form(again) == first, value

    def test_what_was_written_before_loads(self) -> None:
        """By this version too."""
        for value, payload, buffers, info in self.written_before():
            loaded = _load(self.serializer_class(), Serialized(payload, buffers, info))
            assert type(loaded) is type(value)
            assert self.is_equal(loaded, value), value

    def test_info_is_json(self) -> None:
        """It is kept in manifests."""
        serializer = self.serializer_class()
        for value in self.values():
            info = dict(serializer.serialize(value).info)
            assert json.loads(json.dumps(info)) == info

    def test_serializing_leaves_the_value(self) -> None:
        """As it was."""
        serializer = self.serializer_class()
        for value, same in zip(self.values(), self.values(), strict=True):
            stored_form(serializer.serialize(value))
            assert self.is_equal(value, same)

    def test_refused_values_are_refused(self) -> None:
        """Pickle takes them then."""
        serializer = self.serializer_class()
        for value in self.refused():
            assert not serializer.accepts(value), value


def _load(serializer: Serializer, serialized: Serialized) -> Any:
    payload, buffers = stored_form(serialized)
    info = json.loads(json.dumps(dict(serialized.info)))
    views = [memoryview(bytearray(buffer)) for buffer in buffers]
    return serializer.deserialize(memoryview(bytearray(payload)), views, info)
