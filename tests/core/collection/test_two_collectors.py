"""Two collectors, and a task that stores what they collect: in any order of their requests, or calls of the system, and
however long a collector sleeps between two of them.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit.builtin.local_datastore import aside
from flowkit.builtin.local_datastore import datastore as local
from flowkit.errors import DatastoreError
from support.collecting import FLOW, GRACE, ClockedStore, CopyingStore, Writer
from support.collection_scene import Scene

CONTENT = b"what all store" * 20
END = "end of all"
#: Until when a collector goes on: to just before it copies, deletes what it copied, drops what is aside, …; or its end.
STOPS = {
    ClockedStore: ("rename", "stat", "link", "drop aside", "look again", END),
    CopyingStore: ("copy", "delete", "drop aside", "look again", END),
}


def events_of(kind: type[ClockedStore | CopyingStore]) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Who goes on, one after another, and until when; or how long all sleep."""
    collectors = [(name, stop) for name in "ab" for stop in STOPS[kind]]
    tasks = [("task", "stored"), ("task", END)]
    sleeps = [("sleep", GRACE * 0.6), ("sleep", GRACE * 1.1)]
    return st.lists(st.sampled_from([*collectors, *tasks, *sleeps]), min_size=3, max_size=10)


class _Killed(BaseException):
    pass


class Actor(threading.Thread):
    """Goes on by one request, or call of the system, when it is told to, and stands before the next."""

    def __init__(self, work: Callable[[], Iterator[str]]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._mine, self._others = threading.Semaphore(0), threading.Semaphore(0)
        #: What it stands before; None at its end.
        self.before: str | None = "start"
        self.error: BaseException | None = None
        self._is_killed = False

    def run(self) -> None:
        self._mine.acquire()
        try:
            if self._is_killed:
                return
            for step in self._work():
                self.stand(step)
        except _Killed:
            return
        except BaseException as error:
            self.error = error
        finally:
            self.before = None
            self._others.release()

    def stand(self, before: str) -> None:
        """Wait for the next word."""
        if self._is_killed:
            return  # it only puts away what it had begun
        self.before = before
        self._others.release()
        self._mine.acquire()
        if self._is_killed:
            raise _Killed

    def go_on(self, until: int | str = 1) -> None:
        """Let it."""
        count = 0
        while self.before is not None:
            self._mine.release()
            self._others.acquire()
            count += 1
            if until in (count, self.before):
                break
        if self.error is not None and "took too long" not in str(self.error):
            raise self.error

    def kill(self) -> None:
        """End it where it stands."""
        self._is_killed = True
        self._mine.release()
        self.join()


def announce(what: str, name: str) -> None:
    """An actor is about to do this, to the object or file of that name."""
    actor = threading.current_thread()
    if isinstance(actor, Actor):
        if what in ("remove", "unlink"):
            what = "drop aside" if ".aside" in name else "delete" if "/blobs/" in name else what
        actor.stand(what)


class _System:
    def __getattr__(self, name: str) -> Any:
        found = getattr(os, name)
        if name not in ("rename", "stat", "link", "unlink", "utime"):
            return found

        def call(path: Any, *others: Any) -> Any:
            announce(name, str(path))
            return found(path, *others)

        return call


@contextmanager
def theatre(
    kind: type[ClockedStore | CopyingStore], aside_before: bool
) -> Iterator[tuple[Scene, Writer, dict[str, Actor]]]:
    """A run that is old, perhaps with a copy aside from before; who may collect it, and who stores the same."""
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Path(folder), kind)
        if aside_before:
            scene.store.put_blob(CONTENT)
            assert list(scene.datastore.set_aside(list(scene.datastore.list(f"{FLOW}/blobs"))))
        scene.run("1", CONTENT)
        scene.age()
        writer = scene.start("2", CONTENT)
        work: dict[str, Callable[[], Iterator[str]]] = {
            "task": lambda: writer.steps,
            "a": scene.collector().steps,
            "b": scene.collector(run_ids=frozenset({"1"})).steps,
        }
        actors = {name: Actor(one) for name, one in work.items()}
        if isinstance(scene.datastore, CopyingStore):
            scene.datastore.before_request = announce
        with mock.patch.object(aside, "os", _System()), mock.patch.object(local, "os", _System()):
            for actor in actors.values():
                actor.start()
            try:
                yield scene, writer, actors
            finally:
                for actor in actors.values():
                    actor.kill()
        scene.metadata.close()


def sleep(scene: Scene, writer: Writer, task: Actor, seconds: float) -> None:
    """Time passes; a task that has stored content names it within half of the grace period."""
    while writer.unnamed_since is not None and scene.clock.now + seconds > writer.unnamed_since + GRACE * 0.45:
        task.go_on()
    scene.clock.now += seconds


def play(kind: type[ClockedStore | CopyingStore], events: list[tuple[str, Any]], aside_before: bool) -> None:
    """What the task stored can be read in the end."""
    with theatre(kind, aside_before) as (scene, writer, actors):
        for name, how in [*events, ("task", END), ("a", END), ("b", END)]:
            if name == "sleep":
                sleep(scene, writer, actors["task"], how)
            else:
                actors[name].go_on(how)
        scene.check(writer)


@pytest.mark.parametrize("aside_before", [False, True])
@pytest.mark.parametrize(
    ("kind", "events"),
    [
        # What another renamed over the file that this one is about to drop.
        (ClockedStore, [("b", "rename"), ("a", "look again"), ("task", "stored"), ("b", "stat"), ("a", END)]),
        # A copy that another made over the one that this one is about to drop.
        (CopyingStore, [("a", "drop aside"), ("b", "delete"), ("task", "stored"), ("b", "look again"), ("a", END)]),
        # A collector that slept before it removes what it copied.
        (CopyingStore, [("b", "delete"), ("task", END), ("sleep", GRACE * 1.1), ("a", END)]),
    ],
)
def test_what_was_lost_once(
    kind: type[ClockedStore | CopyingStore], events: list[tuple[str, Any]], aside_before: bool
) -> None:
    play(kind, events, aside_before)


@pytest.mark.parametrize("kind", [ClockedStore, CopyingStore], ids=["renaming", "copying"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), aside_before=st.booleans())
def test_any_order(kind: type[ClockedStore | CopyingStore], data: st.DataObject, aside_before: bool) -> None:
    play(kind, data.draw(events_of(kind)), aside_before)


@pytest.mark.long
@pytest.mark.parametrize("kind", [ClockedStore, CopyingStore], ids=["renaming", "copying"])
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), aside_before=st.booleans())
def test_many_orders(kind: type[ClockedStore | CopyingStore], data: st.DataObject, aside_before: bool) -> None:
    play(kind, data.draw(events_of(kind)), aside_before)


def test_an_error_is_seen() -> None:
    """But that of a collector that slept."""

    def fail() -> Iterator[str]:
        yield "once"
        raise DatastoreError("no space")

    actor = Actor(fail)
    actor.start()
    actor.go_on()
    assert actor.before == "once"
    with pytest.raises(DatastoreError, match="no space"):
        actor.go_on()
