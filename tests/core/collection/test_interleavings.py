"""No interleaving of runs, resumes and collections loses what a run needs, wherever a collector is killed or sleeps."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import aside
from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.collection.collector import FlowCollector
from flowkit.collection.selection import Selection
from flowkit.errors import DatastoreError
from flowkit.model.collected import collected_at
from flowkit.model.record import RunRecord
from flowkit.model.task import StoreRef
from support.collecting import (
    FLOW,
    GRACE,
    Clock,
    ClockedStore,
    CopyingStore,
    Writer,
    resume_steps,
    run_steps,
    unreadable,
)

#: Few, so that runs share them.
CONTENTS = st.sampled_from([b"a" * 100, b"b" * 5000, b"c" * 300])
SELECTIONS = st.builds(
    Selection,
    keep_last=st.sampled_from([0, 1, None]),
    older_than=st.sampled_from([None, 0.0, GRACE]),
    statuses=st.sampled_from([frozenset(), frozenset({"dead"}), frozenset({"failed", "succeeded"})]),
)
TIMES = st.sampled_from([1.0, GRACE / 3, GRACE * 0.6, GRACE * 1.1])
#: What happens amid a collector's step, and before which of the requests or calls of the system that it makes: a writer
#: goes on, as many steps; another collector does; time passes.
AMID = st.lists(
    st.tuples(
        st.integers(0, 25),
        st.one_of(
            st.tuples(st.just("write"), st.integers(1, 3)),
            st.tuples(st.just("collect"), st.sampled_from([1, 2, 5, 30])),
            st.tuples(st.just("sleep"), TIMES),
        ),
    ),
    max_size=6,
)


class Interleavings(RuleBasedStateMachine):
    """Writers and collectors over one store, each a step at a time; amid a collector's step, others go on."""

    store_class: ClassVar[type[ClockedStore | CopyingStore]] = ClockedStore

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        root = Path(self._folder.name)
        self.clock = Clock()
        self.datastore = self.store_class(str(root / "store"), self.clock)
        self.store = ArtifactStore(self.datastore, FLOW)
        self.metadata = SQLiteMetadata.open(str(root / "records"))
        self.writers: list[Writer] = []
        self.collectors: list[Any] = []
        #: Those whose step isn't at its end.
        self.amid: list[Any] = []
        self.to_come: dict[int, list[tuple[str, Any]]] = {}
        self.changes = 0
        self.is_writing = False
        self.hook()
        self.made = 0
        # There is something old to begin with.
        for contents in ([b"a" * 100], [b"b" * 5000, b"a" * 100]):
            self.start_run_of(contents)
            self._exhaust(self.writers[-1])
        self.clock.now += 2 * GRACE

    def teardown(self) -> None:
        for writer in self.writers:
            self._exhaust(writer)
        self._check_content()
        self._collect_everything()
        self.unhook()
        self.metadata.close()
        self._folder.cleanup()

    # --- what happens ----------------------------------------------------------------------------------------------

    @rule(contents=st.lists(CONTENTS, min_size=1, max_size=2))
    def start_run(self, contents: list[bytes]) -> None:
        assume(self._may_write())
        self.start_run_of(contents)

    def start_run_of(self, contents: list[bytes]) -> None:
        self.made += 1
        self.writers.append(run_steps(self.metadata, self.store, self.clock, str(self.made), contents))

    @rule(data=st.data(), content=CONTENTS)
    def start_resume(self, data: st.DataObject, content: bytes) -> None:
        runs = [run for run in self._runs() if run.status != "running" and collected_at(run) is None]
        assume(runs and self._may_write())
        origin = data.draw(st.sampled_from(runs))
        self.made += 1
        self.writers.append(resume_steps(self.metadata, self.store, self.clock, str(self.made), origin, content))

    @precondition(lambda self: self._writing())
    @rule(data=st.data(), count=st.integers(1, 10))
    def write(self, data: st.DataObject, count: int) -> None:
        writer = data.draw(st.sampled_from(self._writing()))
        for _ in range(count):
            self._advance(writer)

    @precondition(lambda self: self._writing())
    @rule(data=st.data())
    def kill_writer(self, data: st.DataObject) -> None:
        self.writers.remove(data.draw(st.sampled_from(self._writing())))

    @rule(selection=SELECTIONS, keep_records=st.booleans())
    def start_collector(self, selection: Selection, keep_records: bool) -> None:
        assume(len(self.collectors) < 2)
        self.collectors.append(self._collector(selection, keep_records, self.collectors_store()).steps())

    @precondition(lambda self: self.collectors)
    @rule(data=st.data(), count=st.sampled_from([1, 2, 3, 5, 30]), amid=AMID)
    def collect(self, data: st.DataObject, count: int, amid: list[tuple[int, tuple[str, Any]]]) -> None:
        self.changes = 0
        self.to_come = {}
        for number, event in amid:
            self.to_come.setdefault(number, []).append(event)
        self._go_on(data.draw(st.sampled_from(self.collectors)), count)
        self.to_come = {}

    @precondition(lambda self: self.collectors)
    @rule(data=st.data())
    def kill_collector(self, data: st.DataObject) -> None:
        self.collectors.remove(data.draw(st.sampled_from(self.collectors)))

    @rule(seconds=TIMES)
    def pass_time(self, seconds: float) -> None:
        """Whoever holds content that no manifest names yet, names it within half of the grace period."""
        for writer in self.writers:
            if writer.unnamed_since is not None and self.clock.now + seconds > writer.unnamed_since + GRACE * 0.45:
                self._advance(writer)
        self.clock.now += seconds
        for writer in self.writers:
            self.metadata.heartbeat(FLOW, writer.run.run_id, self.clock.now)

    # --- what must hold --------------------------------------------------------------------------------------------

    @invariant()
    def all_that_runs_need_is_there(self) -> None:
        """Or is aside, from where a reader brings it back."""
        aside = {info.key for info in self.datastore.list_aside(FLOW)}
        for run in self._runs():
            if collected_at(run) is None:
                for task in self.metadata.all_tasks(FLOW, run.run_id):
                    assert task.manifest is None or unreadable(self.store, task.manifest, aside) is None
        for writer in self.writers:
            record = self.metadata.run(FLOW, writer.run.run_id)
            if record is not None and collected_at(record) is None:
                for key in writer.expected:
                    assert unreadable(self.store, key, aside) is None

    def _check_content(self) -> None:
        for writer in self.writers:
            record = self.metadata.run(FLOW, writer.run.run_id)
            if record is not None and collected_at(record) is None:
                for key, content in writer.expected.items():
                    assert bytes(self.store.get_blob(_payload(self.store, key))) == content

    def _collect_everything(self) -> None:
        """In the end two collections, a grace period apart, leave nothing: no object, no record."""
        for _ in range(3):
            self.clock.now += 3 * GRACE
            selection = Selection(keep_last=0, unrecorded=True)
            for _ in self._collector(selection, False, self.datastore).steps():
                pass
        kept = {run.run_id for run in self._runs() if run.info.get("collected_keeps_record")}
        assert {run.run_id for run in self._runs()} == kept
        assert self.datastore.files() == []

    # --- parts -----------------------------------------------------------------------------------------------------

    def _may_write(self) -> bool:
        return len(self._writing()) < 3

    def _writing(self) -> list[Writer]:
        return [writer for writer in self.writers if not writer.is_over]

    def _runs(self) -> list[RunRecord]:
        return list(self.metadata.all_runs(FLOW))

    def _collector(
        self, selection: Selection, keep_records: bool, datastore: ClockedStore | CopyingStore
    ) -> FlowCollector:
        ref = StoreRef("local", self.datastore.root)
        return FlowCollector(
            self.metadata,
            datastore,
            ref,
            FLOW,
            selection,
            grace=GRACE,
            keep_records=keep_records,
            clock=self.clock,
        )

    def _advance(self, writer: Writer) -> None:
        self.is_writing = True
        next(writer.steps, None)
        self.is_writing = False

    def _go_on(self, collector: Any, count: int) -> None:
        self.amid.append(collector)
        try:
            for _ in range(count):
                if next(collector, None) is None:
                    self.collectors.remove(collector)
                    break
        except DatastoreError as error:
            self.collectors.remove(collector)
            if "took too long" not in error.message:
                raise
        finally:
            self.amid.remove(collector)

    def before_change(self, *_: object) -> None:
        """A collector is about to change or look at an object."""
        if self.is_writing:
            return  # a reader brings something back
        number, self.changes = self.changes, self.changes + 1
        for kind, how in self.to_come.pop(number, ()):
            if kind == "sleep":
                self.pass_time(how)
            elif kind == "write":
                for writer in self._writing()[:1]:
                    for _ in range(how):
                        self._advance(writer)
            else:
                for other in [one for one in self.collectors if one not in self.amid][:1]:
                    self._go_on(other, how)

    # --- a collector's changes -------------------------------------------------------------------------------------

    def hook(self) -> None:
        """Let :meth:`before_change` be called."""
        self._system = mock.patch.object(aside, "os", _System(self.before_change))
        self._system.start()

    def unhook(self) -> None:
        """No longer."""
        self._system.stop()

    def collectors_store(self) -> ClockedStore | CopyingStore:
        """The store as a collector has it."""
        return self.datastore.another()

    def _exhaust(self, writer: Writer) -> None:
        while next(writer.steps, None) is not None:
            pass


def _payload(store: ArtifactStore, key: str) -> Any:
    return store.read_manifest(key).artifacts["x"].payload


class _System:
    """The calls of the system, each announced."""

    def __init__(self, before: Callable[[], None]) -> None:
        self._before = before

    def __getattr__(self, name: str) -> Any:
        found = getattr(os, name)
        if name not in ("rename", "stat", "link", "unlink"):
            return found

        def call(*args: Any) -> Any:
            self._before()
            return found(*args)

        return call


class CopyingInterleavings(Interleavings):
    """Over a store that can't rename."""

    store_class = CopyingStore

    def hook(self) -> None:
        """Nothing to be done: each request is announced."""

    def unhook(self) -> None:
        """Nothing."""

    def collectors_store(self) -> ClockedStore | CopyingStore:
        """The store, whose requests are announced."""
        store = self.datastore.another()
        assert isinstance(store, CopyingStore)
        store.before_request = self.before_change
        return store


_SETTINGS = settings(max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
TestRenaming = Interleavings.TestCase
TestRenaming.settings = _SETTINGS
TestCopying = CopyingInterleavings.TestCase
TestCopying.settings = _SETTINGS


@pytest.mark.long
@pytest.mark.parametrize("machine", [Interleavings, CopyingInterleavings])
def test_many_interleavings(machine: type[Interleavings]) -> None:
    """The same, longer."""
    run_state_machine_as_test(machine, settings=settings(_SETTINGS, max_examples=400, stateful_step_count=60))
