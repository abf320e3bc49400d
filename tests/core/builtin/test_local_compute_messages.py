"""What travels between the launching process and the parent of tasks arrives as it was sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.builtin.local_compute.messages import Connection, socket_pair
from flowkit.builtin.local_compute.task_messages import TaskReader, TaskWriter
from flowkit.model.artifact import BlobRef, ItemsRef
from flowkit.model.task import ForeachFrame, InputRef, RunSpec, StoreRef, TaskSpec

RUN = RunSpec("F", "f.py", "1", StoreRef("local", "/r"), StoreRef("local", "/r"), "ann")
ITEMS = ItemsRef(BlobRef("0" * 64, 10), 3)
INTEGER = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture
def ends() -> Iterator[tuple[Connection, Connection]]:
    one, other = socket_pair()
    yield one, other
    one.close()
    other.close()


@given(INTEGER, INTEGER, st.binary(max_size=200_000))
def test_a_task_arrives_with_its_files(number: int, group: int, spec: bytes) -> None:
    one, other = socket_pair()
    pipe = os.pipe()
    try:
        one.send_task(number, group, spec, pipe)
        received = other.receive()
        assert received is not None
        message, fds = received
        assert message == ("task", number, group, spec)
        assert [os.fstat(fd).st_ino for fd in fds] == [os.fstat(fd).st_ino for fd in pipe]
        assert not any(os.get_inheritable(fd) for fd in fds)
        for fd in fds:
            os.close(fd)
    finally:
        for fd in pipe:
            os.close(fd)
        one.close()
        other.close()


def test_packed_and_pickled_messages(ends: Any) -> None:
    one, other = ends
    one.send_started(3, 4711)
    one.send_ended(3, -9, 1 << 40)
    one.send(("secrets", 3, ("geheim",)))
    one.send(("outcome", 3, "x" * 1_000_000))
    assert [other.receive()[0] for _ in range(4)] == [
        ("started", 3, 4711),
        ("ended", 3, -9, 1 << 40),
        ("secrets", 3, ("geheim",)),
        ("outcome", 3, "x" * 1_000_000),
    ]
    one.close()
    assert other.receive() is None


def _task(index: int, **fields: Any) -> TaskSpec:
    frame = ForeachFrame("start", "1", "items", index, 3, ITEMS)
    return TaskSpec(RUN, "work", str(index), inputs=(InputRef("start", "1", 0, "key"),), frames=(frame,), **fields)


def test_a_specification_is_whole_again_though_its_run_is_told_once() -> None:
    writer, reader = TaskWriter(), TaskReader()
    assert writer.shared(_task(0)) is RUN
    reader.run = RUN
    writer.was_told(RUN)
    for spec in (_task(0), _task(1, attempt=2, variables={"A": "b"}), TaskSpec(RUN, "end", "9")):
        assert writer.shared(spec) is None
        assert reader.read(writer.write(spec)[1]) == spec
    changed = attrs.evolve(_task(0), run=attrs.evolve(RUN, run_id="2"))
    assert writer.shared(changed) is changed.run


def test_siblings_are_told_by_what_they_read() -> None:
    writer = TaskWriter()
    first, second = writer.write(_task(0))[0], writer.write(_task(1))[0]
    other_step = writer.write(attrs.evolve(_task(1), step="other"))[0]
    other_input = writer.write(attrs.evolve(_task(1), inputs=(InputRef("start", "2", 0, "key2"),)))[0]
    assert first == second
    assert len({second, other_step, other_input}) == 3
