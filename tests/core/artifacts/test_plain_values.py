"""Small values of plain types take a shorter way into the manifest, to the same entry."""

from __future__ import annotations

from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from flowkit.artifacts.blobs import Blobs
from flowkit.artifacts.serializers import Claim, SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.artifacts.values import pend_value, plain_entry
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.builtin.serializers.json_values import JSONSerializer

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text() | st.binary()


@given(PLAIN)
def test_a_plain_value_has_the_entry_that_the_long_way_gives(value: object) -> None:
    serializers = SerializerTable()
    entry = plain_entry(value, serializers)
    assert entry is not None or len(repr(value)) > 400
    if entry is not None:
        with TemporaryDirectory() as folder:
            blobs = Blobs(LocalDatastore(folder), "F")
            assert pend_value("self.x", value, blobs, serializers).store() == entry


def test_a_large_text_takes_the_long_way() -> None:
    assert plain_entry("x" * 5000, SerializerTable()) is None


def test_a_claimed_plain_type_goes_to_its_serializer() -> None:
    table = SerializerTable([Claim("own", lambda: JSONSerializer)]).choose("builtins.int", "own")
    assert plain_entry(7, table) is None
    assert plain_entry("seven", table) is not None


def test_a_plain_value_that_was_loaded_and_kept_has_its_entry_again() -> None:
    with TemporaryDirectory() as folder:
        store = ArtifactStore(LocalDatastore(folder), "F")
        entry = store.save("x", 7)
        assert store.save("x", 7, previous=entry) is entry
        assert store.save("x", True, previous=entry) is not entry
