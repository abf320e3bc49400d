"""Downloads over a connection that fails as Hypothesis chooses."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.artifacts.remote import reading
from flowkit.artifacts.remote.reading import Ranges, read_all, read_ranges
from flowkit.artifacts.remote.requests import ConnectionDropped, Download, ObjectChanged
from flowkit.errors import DatastoreError


class Service:
    """One object whose downloads end where ``cuts`` say, and that is replaced at the requests in ``changes``."""

    def __init__(self, content: bytes, cuts: list[int], changes: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        self.content, self.cuts, self.changes = content, list(cuts), changes
        self.version = self.requests = self.open = 0

    def ask(self, start: int, length: int | None, version: str | None) -> Download | None:
        self.requests += 1
        if self.requests in self.changes:
            self.version += 1
            self.content = bytes(byte ^ 0xFF for byte in self.content)
        if version not in (None, str(self.version)):
            raise ObjectChanged
        if start >= len(self.content):
            return None
        wanted = self.content[start : None if length is None else start + length]
        cut = self.cuts.pop() if self.cuts else len(wanted)
        self.open += 1
        return Download(len(self.content), str(self.version), pieces(wanted, cut), self.close)

    def close(self) -> None:
        self.open -= 1


def pieces(content: bytes, cut: int) -> Iterator[bytes]:
    for start in range(0, min(cut, len(content)), 3):
        yield content[start : min(start + 3, cut)]
    if cut < len(content):
        raise ConnectionDropped("cut")


@pytest.fixture(autouse=True, scope="module")
def no_pauses() -> Iterator[None]:
    with mock.patch.object(reading, "pause"):
        yield


@given(
    st.binary(max_size=30), st.integers(0, 35), st.none() | st.integers(1, 35), st.lists(st.integers(1, 9), max_size=9)
)
def test_a_read_is_right_whatever_is_cut(content: bytes, start: int, length: int | None, cuts: list[int]) -> None:
    service = Service(content, cuts)
    expected = content[start:] if length is None else content[start : start + length]
    assert read_all(service.ask, start, length) == expected
    assert service.open == 0


@given(st.binary(min_size=1, max_size=60), st.integers(1, 20), st.lists(st.integers(1, 9), max_size=9))
def test_ranges_are_right_whatever_is_cut(content: bytes, part_size: int, cuts: list[int]) -> None:
    service = Service(content, cuts)
    assert read_ranges(service.ask, Ranges(len(content), part_size, 1)) == (len(content), bytearray(content))


@given(
    st.binary(min_size=9, max_size=60),
    st.integers(1, 20),
    st.lists(st.integers(1, 9), max_size=9),
    st.sets(st.integers(1, 12), max_size=2),
)
def test_versions_are_never_mixed(content: bytes, part_size: int, cuts: list[int], changes: set[int]) -> None:
    other = bytes(byte ^ 0xFF for byte in content)
    service = Service(content, cuts, changes)
    assert read_all(service.ask, 0, None) in (content, other)
    service = Service(content, cuts, changes)
    assert read_ranges(service.ask, Ranges(len(content), part_size, 1))[1] in (content, other)


@pytest.mark.parametrize("size", [1, 9, 11, 40])
def test_an_object_of_another_size_is_not_read(size: int) -> None:
    service = Service(b"0123456789", [])
    assert read_ranges(service.ask, Ranges(size, 4, 1))[0] == 10
    assert service.open == 0


def test_a_connection_that_never_lasts_is_given_up() -> None:
    with pytest.raises(DatastoreError, match="check the network"):
        read_all(Service(b"0123456789", [0] * 50).ask, 0, None)


def test_an_object_that_never_stays_is_given_up() -> None:
    service = Service(b"0123456789", [3] * 50, set(range(100)))
    with pytest.raises(DatastoreError, match="again and again"):
        read_all(service.ask, 0, None)
