"""The contract of metadata providers, as tests that a provider's author inherits.

::

    class TestRedisMetadata(MetadataContract):
        provider_class = RedisMetadata

        def raw_statuses(self, location): ...
        def raw_set_status(self, location, pathspec, status): ...

The raw access passes the provider by, so that what it writes and what it reads are checked apart: a provider that got
both wrong in the same way would pass otherwise.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import attrs
import pytest

from flowkit.errors import NotFound, TagError
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.record import Page, RunFilter, RunRecord, StepRecord, TaskFilter, TaskStatus
from flowkit.model.tag import MAX_TAG_LENGTH, MAX_USER_TAGS
from flowkit.testing import metadata_processes as processes
from flowkit.testing.metadata_deleting import DeletingTests
from flowkit.testing.metadata_model import check_against_model
from flowkit.testing.metadata_samples import a_run, a_task, an_attempt, some_tasks
from flowkit.testing.metadata_searching import MetadataSearching

__all__ = ["MetadataContract"]

FLOW = "TestFlow"


class MetadataContract(MetadataSearching, DeletingTests, ABC):
    """Inherit, set ``provider_class``, and give the raw access."""

    provider_class: ClassVar[type[MetadataProvider]]

    # --- what an author gives --------------------------------------------------------------------------------------

    @abstractmethod
    def raw_statuses(self, location: str) -> dict[str, TaskStatus]:
        """The status of every stored task, by ``Flow/run/step/task``, read without the provider."""

    @abstractmethod
    def raw_set_status(self, location: str, pathspec: str, status: TaskStatus) -> None:
        """Change the stored status of one task without the provider."""

    def make_location(self, folder: Path) -> str:
        """A location with nothing in it; ``folder`` is empty and its own."""
        return str(folder / "records")

    # --- fixtures --------------------------------------------------------------------------------------------------

    @pytest.fixture
    def location(self, tmp_path: Path) -> str:
        """A location with nothing in it."""
        folder = tmp_path / "metadata"
        folder.mkdir()
        return self.make_location(folder)

    @pytest.fixture
    def provider(self, location: str) -> Iterator[MetadataProvider]:
        """An open provider with nothing in it."""
        provider = self.provider_class.open(location)
        yield provider
        provider.close()

    @pytest.fixture
    def with_run(self, provider: MetadataProvider) -> MetadataProvider:
        """A provider with one run, and nothing else."""
        assert provider.create_run(a_run())
        return provider

    # --- reads and writes, checked apart ---------------------------------------------------------------------------

    def test_what_is_written_is_stored(self, with_run: MetadataProvider, location: str) -> None:
        with_run.write([a_task("1", status="running"), a_task("2", step="end", status="failed")])
        assert self.raw_statuses(location) == {f"{FLOW}/1/start/1": "running", f"{FLOW}/1/end/2": "failed"}

    def test_what_is_stored_is_read(self, with_run: MetadataProvider, location: str) -> None:
        with_run.write([a_task("1", status="running")])
        self.raw_set_status(location, f"{FLOW}/1/start/1", "cancelled")
        assert with_run.task(FLOW, "1", "start", "1") == a_task("1", status="cancelled")
        assert with_run.count_tasks(FLOW, "1", TaskFilter(status="cancelled")) == 1

    def test_nothing_is_there_at_first(self, location: str) -> None:
        for read_only in (True, False):
            provider = self.provider_class.open(location, read_only=read_only)
            assert list(provider.flows()) == []
            assert provider.run(FLOW, "1") is None
            assert provider.runs(FLOW).items == ()
            assert list(provider.steps(FLOW, "1")) == []
            assert provider.tasks(FLOW, "1").items == ()
            assert provider.task(FLOW, "1", "start", "1") is None
            assert provider.count_tasks(FLOW, "1") == 0
            assert list(provider.attempts(FLOW, "1", "start", "1")) == []
            provider.close()

    def test_a_reader_sees_what_a_writer_adds_later(self, location: str) -> None:
        reader = self.provider_class.open(location, read_only=True)
        assert reader.run(FLOW, "1") is None
        writer = self.provider_class.open(location)
        writer.create_run(a_run())
        assert reader.run(FLOW, "1") == a_run()
        writer.write([a_task()])
        assert reader.task(FLOW, "1", "start", "1") == a_task()
        writer.close()
        assert reader.count_tasks(FLOW, "1") == 1
        reader.close()

    # --- records ---------------------------------------------------------------------------------------------------

    def test_records_come_back_equal(self, with_run: MetadataProvider) -> None:
        attempts = [an_attempt(0), an_attempt(1, status="succeeded", failure="", exit_code=None)]
        with_run.write([a_task(), *reversed(attempts), StepRecord(FLOW, "1", "start", 999.5)])
        assert with_run.run(FLOW, "1") == a_run()
        assert with_run.task(FLOW, "1", "start", "1") == a_task()
        assert list(with_run.attempts(FLOW, "1", "start", "1")) == attempts
        assert list(with_run.steps(FLOW, "1")) == [StepRecord(FLOW, "1", "start", 999.5)]

    def test_a_failure_may_quote_what_is_no_valid_text(self, with_run: MetadataProvider) -> None:
        with_run.write([a_task(), an_attempt(failure="no such file: \udcff")])
        assert with_run.attempts(FLOW, "1", "start", "1")[0].failure.startswith("no such file: ")

    def test_a_record_replaces_the_one_of_its_identity(self, with_run: MetadataProvider) -> None:
        with_run.write([a_task(status="running", manifest=None), an_attempt(status="running")])
        with_run.write([an_attempt(status="running"), a_task(), an_attempt(status="succeeded")])
        assert with_run.task(FLOW, "1", "start", "1") == a_task()
        assert [attempt.status for attempt in with_run.attempts(FLOW, "1", "start", "1")] == ["succeeded"]
        assert with_run.count_tasks(FLOW, "1") == 1

    def test_one_task_id_in_two_steps_and_runs(self, with_run: MetadataProvider) -> None:
        with_run.create_run(a_run("2"))
        tasks = [a_task("1", "a"), a_task("1", "b"), a_task("1", "a", "2")]
        with_run.write(tasks)
        assert [with_run.task(FLOW, task.run_id, task.step, "1") for task in tasks] == tasks

    def test_steps_are_there_with_their_first_task_newest_first(self, with_run: MetadataProvider) -> None:
        with_run.write([a_task("1", "first", created_at=1.0)])
        with_run.write([a_task("2", "second", created_at=2.0), a_task("3", "first", created_at=3.0)])
        assert [(step.step, step.created_at) for step in with_run.steps(FLOW, "1")] == [("second", 2.0), ("first", 1.0)]

    def test_a_write_of_nothing_is_nothing(self, provider: MetadataProvider) -> None:
        provider.write([])
        assert list(provider.flows()) == []

    def test_a_write_may_be_an_iterator(self, with_run: MetadataProvider) -> None:
        with_run.write(iter(some_tasks(3)))
        assert with_run.count_tasks(FLOW, "1") == 3

    # --- runs ------------------------------------------------------------------------------------------------------

    def test_a_run_id_is_taken_once(self, provider: MetadataProvider) -> None:
        assert provider.create_run(a_run())
        assert not provider.create_run(a_run(username="other"))
        assert provider.create_run(a_run(flow="OtherFlow"))
        assert provider.run(FLOW, "1") == a_run()
        assert list(provider.flows()) == ["OtherFlow", FLOW]

    def test_writing_a_run_keeps_its_tags(self, with_run: MetadataProvider) -> None:
        with_run.mutate_tags(FLOW, "1", add=["later"])
        with_run.write([a_run(status="succeeded", finished_at=1005.0, tags=(), system_tags=("runtime:other",))])
        run = with_run.run(FLOW, "1")
        assert run == a_run(status="succeeded", finished_at=1005.0, tags=(*a_run().tags, "later"))

    def test_a_heartbeat_is_recorded_while_the_run_runs(self, with_run: MetadataProvider) -> None:
        with_run.heartbeat(FLOW, "1", 1234.5)
        assert with_run.run(FLOW, "1") == a_run(heartbeat_at=1234.5)
        with_run.write([a_run(status="failed", heartbeat_at=1300.0)])
        with_run.heartbeat(FLOW, "1", 1400.0)
        assert with_run.run(FLOW, "1") == a_run(status="failed", heartbeat_at=1300.0)

    def test_runs_are_filtered(self, provider: MetadataProvider) -> None:
        for number in range(6):
            run = a_run(str(number), created_at=1000.0 + number, tags=("even",) if number % 2 == 0 else ("odd", "mine"))
            run = attrs.evolve(run, username="ann" if number < 3 else "bob")
            provider.create_run(attrs.evolve(run, status="failed" if number == 4 else "running"))

        def ids(**where: object) -> str:
            return "".join(run.run_id for run in provider.runs(FLOW, RunFilter(**where)).items)  # type: ignore[arg-type]

        assert ids() == "543210"
        assert ids(tags=("even",)) == "420"
        assert ids(tags=("odd", "mine", "user:tester")) == "531"
        assert ids(tags=("odd", "even")) == ""
        assert ids(username="ann") == "210"
        assert ids(status="failed") == "4"
        assert ids(created_after=1001.0, created_before=1004.0) == "32"

    # --- tasks -----------------------------------------------------------------------------------------------------

    def test_tasks_are_filtered(self, with_run: MetadataProvider) -> None:
        paths = ["", "3", "3/0", "30", "3/1", "31/0", "4"]
        for number, path in enumerate(paths, 1):
            step = "a" if number % 2 else "b"
            with_run.write([a_task(str(number), step, index_path=path, status="running" if path == "4" else "failed")])

        def ids(**where: object) -> str:
            page = Page(newest_first=False)
            found = with_run.tasks(FLOW, "1", TaskFilter(**where), page).items  # type: ignore[arg-type]
            assert with_run.count_tasks(FLOW, "1", TaskFilter(**where)) == len(found)  # type: ignore[arg-type]
            return "".join(task.task_id for task in found)

        assert ids() == ids(index_prefix="") == "1234567"
        assert ids(step="b") == "246"
        assert ids(status="running") == "7"
        assert ids(index_path="3") == "2"
        assert ids(index_path="") == "1"
        assert ids(index_prefix="3") == "235"
        assert ids(index_prefix="3/0") == "3"
        assert ids(task_ids=("5", "1", "99")) == "15"
        assert ids(task_ids=()) == ""
        assert ids(step="a", index_prefix="3", task_ids=("3", "4")) == "3"

    def test_tasks_are_filtered_by_metadata_of_task_or_attempt(self, with_run: MetadataProvider) -> None:
        with_run.write([a_task("1"), a_task("2", metadata=()), a_task("3", metadata=())])
        with_run.write([an_attempt(0, "2"), an_attempt(1, "2", metadata=())])
        matching = with_run.tasks(FLOW, "1", TaskFilter(metadata={"pid": "42"})).items
        assert [task.task_id for task in matching] == ["2", "1"]
        assert (
            with_run.count_tasks(FLOW, "1", TaskFilter(metadata={"pid": "42", "note": a_task().metadata[1].value})) == 1
        )
        assert with_run.count_tasks(FLOW, "1", TaskFilter(metadata={"pid": "43"})) == 0
        assert with_run.count_tasks(FLOW, "1", TaskFilter(metadata={"note": "42"})) == 0

    # --- pages -----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("newest_first", [True, False])
    @pytest.mark.parametrize("limit", [1, 2, 9, 10, 11, 10_000])
    def test_pages_hold_all_rows_once(self, with_run: MetadataProvider, limit: int, newest_first: bool) -> None:
        # Equal times and ordinals must not hide rows at the border of two pages.
        with_run.write([a_task(str(number), ordinal=number // 3) for number in range(10)])
        for number in range(2, 11):
            with_run.create_run(a_run(str(number), created_at=1001.0 + number // 4))
        tasks: list[str] = []
        after: str | None = None
        while True:
            part = with_run.tasks(FLOW, "1", page=Page(limit, after, newest_first))
            assert len(part.items) <= limit
            tasks.extend(task.task_id for task in part.items)
            if (after := part.next) is None:
                break
        runs: list[RunRecord] = []
        while True:
            batch = with_run.runs(FLOW, page=Page(limit, after, newest_first))
            runs.extend(batch.items)
            if (after := batch.next) is None:
                break
        assert sorted(tasks) == list("0123456789")
        ordinals = [int(task) // 3 for task in tasks]
        assert ordinals == sorted(ordinals, reverse=newest_first)
        assert sorted(int(run.run_id) for run in runs) == list(range(1, 11))
        assert runs == sorted(runs, key=lambda run: run.created_at, reverse=newest_first)

    def test_the_last_full_page_has_no_next(self, with_run: MetadataProvider) -> None:
        with_run.write(some_tasks(4))
        first = with_run.tasks(FLOW, "1", page=Page(limit=2))
        assert first.next is not None
        assert with_run.tasks(FLOW, "1", page=Page(limit=2, after=first.next)).next is None

    def test_a_listing_goes_on_where_it_was_while_tasks_are_added(self, with_run: MetadataProvider) -> None:
        with_run.write(some_tasks(4))
        first = with_run.tasks(FLOW, "1", page=Page(limit=2))
        with_run.write(some_tasks(3, first=5))
        second = with_run.tasks(FLOW, "1", page=Page(limit=10, after=first.next))
        assert [task.task_id for task in (*first.items, *second.items)] == ["4", "3", "2", "1"]

    def test_all_goes_over_the_pages(self, with_run: MetadataProvider) -> None:
        with_run.write(some_tasks(2500))
        ids = [int(task.task_id) for task in with_run.all_tasks(FLOW, "1", newest_first=False)]
        assert ids == list(range(1, 2501))

    # --- tags ------------------------------------------------------------------------------------------------------

    def test_tags_are_removed_then_added(self, with_run: MetadataProvider) -> None:
        before = a_run().tags
        run = with_run.mutate_tags(FLOW, "1", add=["b", "a", "b", "mine"], remove=["mine", "never there"])
        assert run.tags == (*before[1:], "b", "a", "mine")
        assert with_run.run(FLOW, "1") == run
        assert run == a_run(tags=run.tags)

    def test_adding_a_system_tag_changes_nothing(self, with_run: MetadataProvider) -> None:
        assert with_run.mutate_tags(FLOW, "1", add=["user:tester"]) == a_run()

    def test_removing_a_system_tag_fails_whole(self, with_run: MetadataProvider) -> None:
        with pytest.raises(TagError, match="user:tester"):
            with_run.mutate_tags(FLOW, "1", add=["new"], remove=["mine", "user:tester"])
        assert with_run.run(FLOW, "1") == a_run()

    @pytest.mark.parametrize("tag", ["", "x" * (MAX_TAG_LENGTH + 1), "\ud800", 3, None])
    def test_tags_that_can_not_be(self, with_run: MetadataProvider, tag: str) -> None:
        with pytest.raises(TagError):
            with_run.mutate_tags(FLOW, "1", add=["fine", tag])
        with pytest.raises(TagError):
            with_run.create_run(a_run("2", tags=(tag,)))
        assert with_run.run(FLOW, "1") == a_run()
        assert with_run.run(FLOW, "2") is None

    def test_the_longest_tags_and_the_most(self, with_run: MetadataProvider) -> None:
        tags = [f"{number:02}{'é' * (MAX_TAG_LENGTH - 2)}" for number in range(MAX_USER_TAGS)]
        run = with_run.mutate_tags(FLOW, "1", add=tags, remove=a_run().tags)
        assert list(run.tags) == tags
        with pytest.raises(TagError, match=str(MAX_USER_TAGS)):
            with_run.mutate_tags(FLOW, "1", add=["one more"])
        assert with_run.mutate_tags(FLOW, "1", add=["another"], remove=tags[:1]).tags == (*tags[1:], "another")

    def test_tags_of_a_run_that_is_not_there(self, provider: MetadataProvider) -> None:
        with pytest.raises(NotFound, match=f"{FLOW}/1"):
            provider.mutate_tags(FLOW, "1", add=["a"])

    # --- several processes -----------------------------------------------------------------------------------------

    def test_fifty_processes_add_tags_at_once(self, with_run: MetadataProvider, location: str) -> None:
        with_run.mutate_tags(FLOW, "1", remove=a_run().tags)
        names = [f"process{number}" for number in range(MAX_USER_TAGS)]
        arguments = [(self.provider_class, location, name, 1) for name in names]
        assert set(processes.run_all(processes.add_tags, arguments)) == {0}
        run = with_run.run(FLOW, "1")
        assert run is not None
        assert set(run.tags) == {f"{name}-0" for name in names}

    def test_processes_replace_their_own_tags(self, with_run: MetadataProvider, location: str) -> None:
        arguments = [(self.provider_class, location, f"process{number}", 20) for number in range(5)]
        assert set(processes.run_all(processes.swap_tags, arguments)) == {0}
        run = with_run.run(FLOW, "1")
        assert run is not None
        assert set(run.tags) == {*a_run().tags, *(f"process{number}-20" for number in range(5))}

    @pytest.mark.parametrize("time", range(5))
    def test_launching_processes_write_to_a_new_place_at_once(self, location: str, time: int) -> None:
        arguments = [(self.provider_class, location, str(number), 10) for number in range(4)]
        assert set(processes.run_all(processes.write_runs, arguments)) == {0}
        provider = self.provider_class.open(location, read_only=True)
        assert {run.run_id: provider.count_tasks(FLOW, run.run_id) for run in provider.runs(FLOW).items} == {
            str(number): 100 for number in range(4)
        }
        provider.close()

    def test_one_of_several_processes_gets_a_run_id(self, location: str, tmp_path: Path) -> None:
        ids = [str(number) for number in range(20)]
        reports = [tmp_path / f"report{number}" for number in range(4)]
        arguments = [(self.provider_class, location, ids, str(report)) for report in reports]
        assert set(processes.run_all(processes.take_run_ids, arguments)) == {0}
        assert sorted(" ".join(report.read_text() for report in reports).split()) == sorted(ids)

    def test_a_forked_child_opens_its_own(self, with_run: MetadataProvider, location: str) -> None:
        with_run.write([a_task("1")])
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with_run.write([a_task("2")])
                code = 0 if with_run.count_tasks(FLOW, "1") == 2 else 2
                with_run.close()
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        with_run.write([a_task("3")])
        assert with_run.count_tasks(FLOW, "1") == 3

    @pytest.mark.parametrize("seconds", [0.005, 0.02, 0.05, 0.1])
    def test_a_killed_writer_leaves_whole_transactions(self, location: str, seconds: float) -> None:
        arguments = [(self.provider_class, location, "1", seconds)]
        assert processes.run_all(processes.write_until_killed, arguments) == [-9]
        provider = self.provider_class.open(location)
        counts = [provider.count_tasks(FLOW, "1", TaskFilter(step=step.step)) for step in provider.steps(FLOW, "1")]
        assert set(counts) <= {processes.BATCH}
        assert provider.count_tasks(FLOW, "1") == processes.BATCH * len(counts)
        provider.create_run(a_run("after"))
        provider.write(some_tasks(1, run_id="after"))
        provider.close()

    # --- against a model -------------------------------------------------------------------------------------------

    def test_any_sequence_of_calls_does_what_a_model_does(self, tmp_path: Path) -> None:
        check_against_model(self.provider_class, lambda name: self.make_location(_new_folder(tmp_path / name)))


def _new_folder(path: Path) -> Path:
    path.mkdir()
    return path
