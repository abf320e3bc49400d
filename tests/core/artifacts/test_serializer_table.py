"""Which serializer gets a value."""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from flowkit.artifacts.serializers import Claim, SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.errors import ArtifactError, UnknownCapability
from flowkit.interfaces.serializer import Serialized, Serializer


class Base:
    """A claimed type."""


class Derived(Base):
    """Not claimed itself."""


class Closest(Serializer):
    name = "closest"

    def serialize(self, value: Any) -> Serialized:
        return Serialized(b"x", [b"", b"y" * 10, bytearray(b"z" * 3_000_000)], {"a": [1]})

    def deserialize(self, payload: memoryview, buffers: Sequence[memoryview], info: Mapping[str, Any]) -> Any:
        assert bytes(payload) == b"x"
        assert [buffer.nbytes for buffer in buffers] == [0, 10, 3_000_000]
        assert not any(buffer.readonly for buffer in buffers if buffer.nbytes)
        assert info == {"a": [1]}
        return Derived()


class Choosy(Closest):
    name = "choosy"

    def accepts(self, value: Any) -> bool:
        return getattr(value, "welcome", False)


class Broken(Closest):
    name = "broken"

    def serialize(self, value: Any) -> Serialized:
        raise RuntimeError("of the plugin's own")


def claim(kind: type[Serializer], *types: str, priority: int = 0) -> Claim:
    return Claim(kind.name, lambda: kind, types, priority)


BASE, DERIVED = (f"{Base.__module__}.{kind.__qualname__}" for kind in (Base, Derived))


def picked(table: SerializerTable, value: Any) -> str:
    serializer = table.pick(value)
    return "pickle" if serializer is None else serializer.name


def test_what_nobody_claims_is_pickled() -> None:
    assert picked(SerializerTable(), 1) == "pickle"
    assert picked(SerializerTable([claim(Closest, BASE)]), 1) == "pickle"


def test_a_claim_holds_for_subclasses() -> None:
    assert picked(SerializerTable([claim(Closest, BASE)]), Derived()) == "closest"


def test_the_nearest_base_counts_before_priority() -> None:
    table = SerializerTable([claim(Closest, BASE, priority=5), claim(Choosy, DERIVED)])
    value = Derived()
    assert picked(table, value) == "pickle", "the one that claims it doesn't accept it"
    value.welcome = True  # type: ignore[attr-defined]
    assert picked(table, value) == "choosy"


def test_priority_then_acceptance() -> None:
    table = SerializerTable([claim(Closest, BASE), claim(Choosy, BASE, priority=1)])
    value = Base()
    assert picked(table, value) == "closest"
    value.welcome = True  # type: ignore[attr-defined]
    assert picked(table, value) == "choosy"


def test_nothing_is_loaded_before_it_is_needed() -> None:
    loaded: list[str] = []

    def load() -> type[Serializer]:
        loaded.append("closest")
        return Closest

    table = SerializerTable([Claim("closest", load, (BASE,))])
    table.pick([1])
    assert not loaded
    table.pick(Base())
    table.pick(Base())
    assert loaded == ["closest"]


def test_choosing(table: SerializerTable, datastore: LocalDatastore) -> None:
    chosen = table.choose("builtins.dict", "json")
    assert picked(table, {"a": 1}) == "pickle"
    assert picked(chosen, {"a": 1}) == "json"
    assert picked(chosen, OrderedDict(a=1)) == "pickle", "JSON would lose its type"
    assert picked(chosen, {"a": (1,)}) == "pickle", "JSON would lose the tuple"
    assert picked(chosen.choose("builtins.dict", "pickle"), {"a": 1}) == "pickle"
    with pytest.raises(UnknownCapability, match="avro"):
        table.choose("builtins.dict", "avro")
    entry = ArtifactStore(datastore, "F", chosen).save("x", {"a": [1, None]})
    assert entry.serializer == "json"
    assert entry.inline == b'{"a":[1,null]}'
    assert ArtifactStore(datastore, "F", table).load(entry) == {"a": [1, None]}


def test_an_artifact_of_a_serializer_that_is_gone(datastore: LocalDatastore) -> None:
    entry = ArtifactStore(datastore, "F", SerializerTable([claim(Closest, BASE)])).save("x", Base())
    with pytest.raises(UnknownCapability, match="closest"):
        ArtifactStore(datastore, "F").load(entry)


def test_buffers_of_any_size(datastore: LocalDatastore) -> None:
    store = ArtifactStore(datastore, "F", SerializerTable([claim(Closest, BASE)]))
    entry = store.save("x", Base())
    assert isinstance(store.load(entry), Derived)
    assert store.save("x", Base(), previous=entry) is entry


def test_a_serializer_that_fails_is_named(datastore: LocalDatastore) -> None:
    store = ArtifactStore(datastore, "F", SerializerTable([claim(Broken, BASE)]))
    with pytest.raises(ArtifactError, match=r"self\.x, of type .*Base, .*'broken' \(RuntimeError: of the plugin's own"):
        store.save("x", Base())


def test_no_library_is_imported_for_values_of_others() -> None:
    program = (
        "import sys\n"
        "from flowkit.artifacts.serializers import SerializerTable\n"
        "from flowkit.kernel.registry import Registry\n"
        "from flowkit.settings import Settings\n"
        "from flowkit.artifacts.store import ArtifactStore\n"
        "from flowkit.builtin.local_datastore import LocalDatastore\n"
        "table = SerializerTable.from_registry(Registry.discover(Settings.load()))\n"
        "store = ArtifactStore(LocalDatastore('root'), 'F', table)\n"
        "store.load(store.save('x', [1, {'a': 'text'}]))\n"
        "store.load_item(store.save_items('x', 'abc'), 1)\n"
        "heavy = {'numpy', 'pandas', 'polars', 'pyarrow', 'zstandard', 'ctypes', 'tempfile', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
