"""Logs of a remote store are finished beside the loop: it never waits, and at the end all are stored or told of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowkit.artifacts.remote.log_writer import RemoteLogWriter
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.engine.log_store import LogStore
from flowkit.engine.reactor import SelectorReactor
from flowkit.errors import DatastoreError
from flowkit.interfaces.datastore import LogWriter
from support.remote_like import RemoteLike


class Far(RemoteLike):
    """A store whose logs are put as a whole, after ``before`` was asked."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.before: Callable[[str], object] = lambda key: None

    def open_log(self, key: str) -> LogWriter:
        def put(content: bytes) -> None:
            self.before(key)
            self.put(key, [content], overwrite=True)

        return RemoteLogWriter(put, first_interval=1000)


@pytest.fixture
def reactor() -> Iterator[SelectorReactor]:
    with SelectorReactor() as reactor:
        yield reactor


@pytest.fixture
def far(tmp_path: Path) -> Far:
    return Far(str(tmp_path))


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def logs(far: Far, reactor: SelectorReactor, told: list[str]) -> LogStore:
    return LogStore(far, reactor, told.append)


def write(logs: LogStore, *names: str) -> None:
    for name in names:
        writer = logs.open(f"F/{name}")
        writer.append(name.encode())
        writer.close()


def stored(far: Far) -> set[str]:
    return {info.key.removeprefix("F/") for info in far.list("F")}


def test_closing_does_not_wait(logs: LogStore, far: Far, reactor: SelectorReactor, told: list[str]) -> None:
    may_go = threading.Event()
    far.before = lambda key: may_go.wait(30)
    names = [str(number) for number in range(30)]
    write(logs, *names)
    assert stored(far) == set()
    reactor.call_later(0.05, may_go.set)
    logs.finish(reactor.run_once)
    assert stored(far) == set(names)
    assert far.get("F/7") == b"7"
    assert told == []


def test_no_more_threads_than_it_takes(logs: LogStore, far: Far, reactor: SelectorReactor) -> None:
    names: set[str] = set()
    far.before = lambda key: names.add(threading.current_thread().name + str(threading.get_ident()))
    for number in range(40):
        write(logs, str(number))
    logs.finish(reactor.run_once)
    assert 1 <= len(names) <= 8
    assert threading.get_ident() not in names


def test_a_failure_on_the_way_is_made_good_at_the_end(
    logs: LogStore, far: Far, reactor: SelectorReactor, told: list[str]
) -> None:
    is_down = True

    def before(key: str) -> None:
        if is_down:
            raise DatastoreError("no network")

    far.before = before
    write(logs, *"abcde")
    while len(logs._failed) < 5:
        reactor.run_once(0.01)
    is_down = False
    write(logs, "f")
    logs.finish(reactor.run_once)
    assert stored(far) == set("abcdef")
    assert told == []


def test_what_can_not_be_stored_is_told_once(
    logs: LogStore, far: Far, reactor: SelectorReactor, told: list[str]
) -> None:
    asked: list[str] = []

    def before(key: str) -> None:
        asked.append(key)
        raise DatastoreError("no network")

    far.before = before
    write(logs, *map(str, range(200)))
    logs.finish(reactor.run_once)
    assert told == ["The output of 200 tasks could not be stored in full: no network"]
    # Each may be long in coming: the rest isn't tried once it is plain that it is in vain.
    far.before = lambda key: None
    assert stored(far) == set()
    again = LogStore(far, reactor, told.append)
    write(again, "x")
    again.finish(reactor.run_once)
    assert stored(far) == {"x"}


def test_one_that_fails_does_not_take_others_with_it(
    logs: LogStore, far: Far, reactor: SelectorReactor, told: list[str]
) -> None:
    def before(key: str) -> None:
        if key == "F/bad":
            raise ValueError("not this one")

    far.before = before
    write(logs, "a", "bad", "b", "c")
    logs.finish(reactor.run_once)
    assert stored(far) == {"a", "b", "c"}
    assert told == ["The output of 1 task could not be stored in full: not this one"]


def test_giving_up_ends_the_wait(logs: LogStore, far: Far, reactor: SelectorReactor, told: list[str]) -> None:
    release = threading.Event()
    far.before = lambda key: release.wait(30)
    write(logs, "a", "b")
    # Before the end it is another interrupt's business.
    logs.give_up()
    reactor.call_later(0.05, logs.give_up)
    logs.finish(reactor.run_once)
    assert told == ["The output of 2 tasks could not be stored in full: it was interrupted"]
    release.set()


def test_a_long_wait_is_explained(
    logs: LogStore, far: Far, reactor: SelectorReactor, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowkit.engine.log_store._PATIENCE_SECONDS", 0.01)
    release = threading.Event()
    far.before = lambda key: release.wait(30)
    write(logs, "a", "b")
    reactor.call_later(0.1, release.set)
    logs.finish(reactor.run_once)
    assert told == ["Still storing the output of 2 tasks; an interrupt (Ctrl-C) gives it up"]
    assert stored(far) == {"a", "b"}


def test_a_local_store_takes_no_thread(tmp_path: Path, reactor: SelectorReactor, told: list[str]) -> None:
    before = threading.active_count()
    local = LocalDatastore.open(str(tmp_path))
    logs = LogStore(local, reactor, told.append)
    write(logs, "a")
    assert local.get("F/a") == b"a"
    assert threading.active_count() == before
    logs.finish(reactor.run_once)


class Refusing(LogWriter):
    """A log of this machine whose disk takes nothing while it is told so."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer
        self._waiting = b""
        self.refuses = True

    def append(self, data: bytes) -> None:
        self._waiting += data
        self._write()

    def close(self) -> None:
        self._write()
        self._writer.close()

    def _write(self) -> None:
        if self.refuses:
            raise DatastoreError("the disk is full")
        waiting, self._waiting = self._waiting, b""
        self._writer.append(waiting)


@pytest.mark.parametrize("recovers", [True, False])
def test_a_log_that_a_disk_does_not_take_ends_nothing(
    tmp_path: Path, reactor: SelectorReactor, told: list[str], monkeypatch: pytest.MonkeyPatch, recovers: bool
) -> None:
    store = LocalDatastore(str(tmp_path))
    refusing = Refusing(store.open_log("F/a"))
    monkeypatch.setattr(store, "open_log", lambda key: refusing)
    logs = LogStore(store, reactor, told.append)
    writer = logs.open("F/a")
    writer.append(b"one")
    refusing.refuses = not recovers
    writer.append(b"two")
    writer.close()
    logs.finish(reactor.run_once)
    if recovers:
        assert store.get("F/a") == b"onetwo"
        assert told == []
    else:
        assert told == ["The output of 1 task could not be stored in full: the disk is full"]
