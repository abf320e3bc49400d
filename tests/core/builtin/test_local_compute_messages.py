"""What travels between the launching process and the parent of tasks arrives as it was sent."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.builtin.local_compute.messages import Connection, socket_pair
from flowkit.builtin.local_compute.task_messages import TaskReader, TaskWriter, ToldTask
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


def _task(index: int, step: str = "work", **fields: Any) -> TaskSpec:
    frame = ForeachFrame("start", "1", "items", index, 3, ITEMS)
    return TaskSpec(RUN, step, str(index), inputs=(InputRef("start", "1", 0, "key"),), frames=(frame,), **fields)


class _Told:
    """Both sides: what is written is received, and read as a forked child would."""

    def __init__(self) -> None:
        self.writer, self.reader = TaskWriter(), TaskReader()

    def send(self, spec: TaskSpec, *, arrives: bool = True) -> ToldTask:
        """Write it; ``arrives``: whether the socket had room for it."""
        if (run := self.writer.shared(spec)) is not None:
            self.reader.run = run
            self.writer.was_told(run)
        message = self.writer.write(spec)[1]
        if not arrives:
            return message, None
        self.writer.was_sent(spec, message)
        return self.reader.take(message)

    def read(self, told: ToldTask) -> TaskSpec:
        """In a copy of this process, as it were."""
        return copy.deepcopy(self).reader.read(copy.deepcopy(told))


def test_a_specification_is_whole_again_though_its_run_is_told_once() -> None:
    told = _Told()
    assert told.writer.shared(_task(0)) is RUN
    changed = attrs.evolve(_task(0), run=attrs.evolve(RUN, run_id="2"))
    for spec in (_task(0), _task(1, attempt=2, variables={"A": "b"}), TaskSpec(RUN, "end", "9"), changed):
        assert told.read(told.send(spec)) == spec
    assert told.writer.shared(changed) is None


def test_of_a_sibling_only_what_differs_is_told() -> None:
    told = _Told()
    whole, short = told.send(_task(0)), told.send(_task(1))
    assert len(short[0]) < 20 < len(whole[0])
    assert [told.read(one) for one in (whole, short)] == [_task(0), _task(1)]


def test_siblings_wait_while_others_are_told() -> None:
    """A task may be read long after it came, when the specifications of another split have come."""
    told = _Told()
    specs = [_task(0), _task(1), TaskSpec(RUN, "end", "9"), _task(2, step="other"), _task(3, step="other"), _task(4)]
    waiting = [told.send(spec) for spec in specs]
    assert [told.read(one) for one in reversed(waiting)] == list(reversed(specs))


def test_what_never_arrived_is_no_base_for_a_sibling() -> None:
    told = _Told()
    told.send(_task(0), arrives=False)
    assert told.read(told.send(_task(0))) == _task(0)
    told.send(_task(1, attempt=1), arrives=False)
    assert told.read(told.send(_task(2, attempt=1))) == _task(2, attempt=1)


@given(st.data())
def test_any_order_of_tasks_arrives(data: st.DataObject) -> None:
    told, waiting = _Told(), []
    frames = st.lists(
        st.builds(ForeachFrame, st.sampled_from("ab"), st.just("1"), st.just("v"), st.integers(0, 2**62), st.just(9)),
        max_size=2,
    ).map(tuple)
    tasks = st.builds(
        TaskSpec,
        st.just(RUN),
        st.sampled_from(["one", "other"]),
        st.text(max_size=5),
        attempt=st.integers(0, 1),
        frames=frames,
        extra=st.sampled_from([{}, {"retry": 1}]),
    )
    for spec in data.draw(st.lists(tasks, max_size=12)):
        arrives = data.draw(st.booleans())
        one = told.send(spec, arrives=arrives)
        if arrives:
            waiting.append((spec, one))
    for spec, one in waiting:
        assert told.read(one) == spec


def test_siblings_are_told_by_what_they_read() -> None:
    writer = TaskWriter()
    first, second = writer.write(_task(0))[0], writer.write(_task(1))[0]
    other_step = writer.write(attrs.evolve(_task(1), step="other"))[0]
    other_input = writer.write(attrs.evolve(_task(1), inputs=(InputRef("start", "2", 0, "key2"),)))[0]
    assert first == second
    assert len({second, other_step, other_input}) == 3
