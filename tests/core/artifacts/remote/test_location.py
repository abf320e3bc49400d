"""Keys become names of objects, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.artifacts.remote.location import Location
from flowkit.errors import DatastoreError
from flowkit.testing.datastore_keys import components

KEYS = st.lists(components(), min_size=1, max_size=4).map("/".join)


@given(KEYS)
def test_a_name_leads_back_to_its_key(key: str) -> None:
    location = Location.parse("s3://bucket/a/b", "s3")
    name = location.name(key)
    assert name.startswith("a/b/")
    assert location.key(name) == key
    assert all(part and part not in (".", "..") and not part.endswith(".") for part in name.split("/"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_no_two_names_are_one_key(name: str) -> None:
    location = Location.parse("s3://bucket", "s3")
    key = location.key(name)
    assert key is None or location.name(key) == name


@pytest.mark.parametrize(
    ("root", "shown"),
    [
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/", "s3://bucket"),
        ("s3://bucket/a/b/", "s3://bucket/a/b"),
        ("bucket/a", "s3://bucket/a"),
    ],
)
def test_a_root_is_shown_as_a_url(root: str, shown: str) -> None:
    assert str(Location.parse(root, "s3")) == shown


@pytest.mark.parametrize(
    "root",
    ["", "s3://", "gs://bucket/a", "s3://bucket/a/../b", "s3://bucket//a", "s3://b/./a", "s3:///pre", "/data/x", "///"],
)
def test_what_is_no_root_is_refused(root: str) -> None:
    with pytest.raises(DatastoreError, match="s3://BUCKET/PREFIX"):
        Location.parse(root, "s3")


def test_a_key_may_not_be_too_long() -> None:
    location = Location.parse("s3://bucket/p", "s3")
    assert location.name("x" * 1022)
    for key in ("x" * 1023, "é" * 512):
        with pytest.raises(DatastoreError, match="too long"):
            location.name(key)
