"""Serializers that are chosen by type or for one artifact."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from flowkit.artifacts.serializers import Claim, SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.builtin.serializers.json_values import JSONSerializer
from flowkit.builtin.serializers.parquet_frames import ParquetSerializer
from flowkit.errors import UnknownCapability, UnpicklableArtifact

TABLE = SerializerTable([Claim("json", lambda: JSONSerializer), Claim("parquet", lambda: ParquetSerializer)])


def picked(table: SerializerTable, value: Any) -> str | None:
    found = table.pick(value)
    return None if found is None else found.name


@pytest.mark.parametrize("name", ["builtins.dict", "collections.OrderedDict", "no.such.Type"])
def test_a_type_has_the_name_that_it_was_given_or_another(name: str) -> None:
    table = TABLE.choosing({name: "json"})
    assert picked(table, {"a": 1}) == ("json" if name == "builtins.dict" else None)
    assert picked(table, [1]) is None


def test_a_public_name_of_a_class_leads_to_it() -> None:
    import pandas

    frame = pandas.DataFrame({"x": [1]})
    for name in ("pandas.DataFrame", f"{type(frame).__module__}.{type(frame).__qualname__}"):
        assert picked(TABLE.choosing({name: "parquet"}), frame) == "parquet"
    assert picked(TABLE.choosing({"pandas.Series": "parquet"}), frame) is None
    assert picked(TABLE.choosing({"pandas.DataFrame": "parquet"}), pandas.DataFrame({0: [1]})) is None


def test_a_subclass_goes_the_way_of_its_base_unless_it_is_not_accepted() -> None:
    assert picked(TABLE.choosing({"builtins.dict": "json"}), OrderedDict(a=1)) is None


def test_an_unknown_serializer_is_told() -> None:
    with pytest.raises(UnknownCapability, match="no installed plugin provides the serializer 'x'"):
        TABLE.choosing({"builtins.dict": "x"})


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(LocalDatastore(str(tmp_path)), "F", TABLE)


def test_one_artifact_by_the_serializer_that_is_named(store: ArtifactStore) -> None:
    entry = store.save("x", [1, {"a": None}], serializer="json")
    assert (entry.serializer, entry.inline) == ("json", b'[1,{"a":null}]')
    assert store.load(entry) == [1, {"a": None}]
    again = store.save("x", [1, {"a": None}], previous=entry, serializer="pickle")
    assert again.serializer == "pickle"


@pytest.mark.parametrize(("value", "serializer"), [((1,), "json"), (float("nan"), "json"), ([1], "parquet")])
def test_a_value_that_would_not_load_equal_is_refused(store: ArtifactStore, value: object, serializer: str) -> None:
    with pytest.raises(UnpicklableArtifact, match=rf"self\.x, of type builtins\.\w+, .*'{serializer}'"):
        store.save("x", value, serializer=serializer)


def test_a_serializer_that_looks_for_more_than_there_is(tmp_path: Path) -> None:
    class Fragile(JSONSerializer):
        def accepts(self, value: Any) -> bool:
            return bool(value.schema)

    table = SerializerTable([Claim("fragile", lambda: Fragile)])
    with pytest.raises(UnpicklableArtifact, match="'fragile'"):
        ArtifactStore(LocalDatastore(str(tmp_path)), "F", table).save("x", 1, serializer="fragile")


def test_what_was_loaded_is_stored_by_the_same_serializer_while_that_accepts_it(store: ArtifactStore) -> None:
    first = store.save("x", {"a": 1}, serializer="json")
    value = store.load(first)
    assert store.save("x", value, previous=first) is first
    value["b"] = 2
    changed = store.save("x", value, previous=first)
    assert (changed.serializer, changed.inline) == ("json", b'{"a":1,"b":2}')
    value["c"] = (1, 2)
    assert store.save("x", value, previous=first).serializer == "pickle"
    assert store.save("x", [1], previous=first).serializer == "pickle"
