"""Several buffers are read as one file."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from flowkit.artifacts.remote.content import Content

BUFFERS = st.lists(st.binary(max_size=9), max_size=6)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(-1, 12), st.just(0)),
        st.tuples(st.just("seek"), st.integers(0, 40), st.just(io.SEEK_SET)),
        st.tuples(st.just("seek"), st.integers(-5, 5), st.just(io.SEEK_CUR)),
        st.tuples(st.just("seek"), st.integers(-9, 0), st.just(io.SEEK_END)),
    ),
    max_size=12,
)


@given(BUFFERS, ACTIONS)
def test_it_reads_as_one_buffer_would(buffers: list[bytes], actions: list[tuple[str, int, int]]) -> None:
    content = Content([memoryview(buffer) for buffer in buffers])
    whole = b"".join(buffers)
    position = 0
    assert len(content) == content.size == len(whole)
    for action, number, whence in actions:
        if action == "read":
            end = len(whole) if number < 0 else min(position + number, len(whole))
            assert content.read(number) == whole[position:end]
            position = end
        else:
            base = {io.SEEK_SET: 0, io.SEEK_CUR: position, io.SEEK_END: len(whole)}[whence]
            position = min(max(0, base + number), len(whole))
            assert content.seek(number, whence) == position
        assert content.tell() == position


@given(BUFFERS, st.integers(1, 12))
def test_parts_are_the_whole(buffers: list[bytes], size: int) -> None:
    content = Content([memoryview(buffer) for buffer in buffers])
    parts = [part.readall() for part in content.split(size)]
    assert b"".join(parts) == b"".join(buffers)
    assert all(len(part) == size for part in parts[:-1])


def test_nothing_is_copied_before_it_is_read() -> None:
    memory = bytearray(b"abc")
    content = Content([memoryview(memory)])
    memory[0] = ord("x")
    assert content.read() == b"xbc"
