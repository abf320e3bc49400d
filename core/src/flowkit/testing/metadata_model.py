"""A metadata provider beside a model of it: two dictionaries that can't be wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from flowkit.errors import TagError
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.record import AttemptRecord, Metadatum, Page, RunFilter, RunRecord, TaskFilter, TaskRecord
from flowkit.testing.metadata_samples import a_run

__all__ = ["check_against_model"]

FLOWS = ("FlowA", "FlowB")
RUNS = ("1", "10")
STEPS = ("start", "work")
TASKS = ("1", "2", "12")
TAGS = ("a", "b", "user:tester", "production:é")
STATUSES = ("running", "succeeded", "failed")
PATHS = ("", "0", "1", "1/0", "10")

_text = st.text(max_size=8)
#: Few, so that filters meet what is there.
_values = st.sampled_from(["", "1", "12", "'é\ud800\0\"%"])


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """None two times in three: of many conditions at once, nothing is left to compare."""
    return st.one_of(st.none(), st.none(), strategy)


_metadata = st.lists(
    st.builds(Metadatum, field=st.sampled_from(["pid", "note"]), value=_values, attempt=st.integers(0, 2)), max_size=3
).map(tuple)
_times = st.floats(0, 2e9)
_runs = st.builds(
    a_run,
    run_id=st.sampled_from(RUNS),
    flow=st.sampled_from(FLOWS),
    created_at=_times,
    status=st.sampled_from(STATUSES),
    tags=st.lists(st.sampled_from(TAGS), max_size=3).map(tuple),
    info=st.dictionaries(_text, st.none() | st.booleans() | _text, max_size=2),
)
_identity = {"flow": st.sampled_from(FLOWS), "run_id": st.sampled_from(RUNS), "step": st.sampled_from(STEPS)}
_tasks = st.builds(
    TaskRecord,
    **_identity,
    task_id=st.sampled_from(TASKS),
    created_at=_times,
    ordinal=st.integers(0, 3),
    status=st.sampled_from(STATUSES),
    index_path=st.sampled_from(PATHS),
    parents=st.lists(_text, max_size=2).map(tuple),
    metadata=_metadata,
)
_attempts = st.builds(
    AttemptRecord,
    **_identity,
    task_id=st.sampled_from(TASKS),
    attempt=st.integers(0, 2),
    status=st.sampled_from(STATUSES),
    started_at=_times,
    failure=_text,
    metadata=_metadata,
)
_run_filters = st.builds(
    RunFilter,
    tags=st.lists(st.sampled_from(TAGS), max_size=1).map(tuple),
    status=_maybe(st.sampled_from(STATUSES)),
    created_after=_maybe(_times),
    created_before=_maybe(_times),
)
_task_filters = st.builds(
    TaskFilter,
    step=_maybe(st.sampled_from(STEPS)),
    status=_maybe(st.sampled_from(STATUSES)),
    index_path=_maybe(st.sampled_from(PATHS)),
    index_prefix=_maybe(st.sampled_from(PATHS)),
    task_ids=_maybe(st.lists(st.sampled_from(TASKS), max_size=2).map(tuple)),
    metadata=_maybe(st.tuples(st.sampled_from(["pid", "note"]), _values)).map(
        lambda pair: dict([pair] if pair else [])
    ),
)
_pages = st.builds(Page, limit=st.integers(1, 4), newest_first=st.booleans())


def check_against_model(kind: type[MetadataProvider], make_location: Callable[[str], str], examples: int = 30) -> None:
    """Make calls at random, of a provider and of a model, and compare all answers.

    Parameters
    ----------
    make_location
        Gives an empty location for a name that was not used before.
    """

    class Machine(_Machine):
        place = _Place(kind, make_location)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@attrs.frozen
class _Place:
    kind: type[MetadataProvider]
    make_location: Callable[[str], str]
    _numbers: Iterator[int] = attrs.field(factory=itertools.count)

    def new_location(self) -> str:
        return self.make_location(f"model{next(self._numbers)}")


class _Machine(RuleBasedStateMachine):
    place: ClassVar[_Place]

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[tuple[str, str], RunRecord] = {}
        self.tasks: dict[tuple[str, str, str, str], TaskRecord] = {}
        self.attempts: dict[tuple[str, str, str, str, int], AttemptRecord] = {}
        self.location = self.place.new_location()
        self.provider = self.place.kind.open(self.location)
        for flow, run_id in itertools.product(FLOWS, RUNS):
            if (flow, run_id) != (FLOWS[-1], RUNS[-1]):  # one is left for create_run
                self.create_run(a_run(run_id, flow))

    def teardown(self) -> None:
        self.provider.close()

    # --- changes ---------------------------------------------------------------------------------------------------

    @rule(run=_runs)
    def create_run(self, run: RunRecord) -> None:
        is_free = (run.flow, run.run_id) not in self.runs
        assert self.provider.create_run(run) is is_free
        if is_free:
            self.runs[run.flow, run.run_id] = _with_clean_tags(run)

    @rule(
        runs=st.lists(_runs, max_size=2),
        tasks=st.lists(_tasks, min_size=1, max_size=8),
        attempts=st.lists(_attempts, max_size=4),
    )
    def write(self, runs: list[RunRecord], tasks: list[TaskRecord], attempts: list[AttemptRecord]) -> None:
        for run in runs:
            known = self.runs.get((run.flow, run.run_id))
            kept = _with_clean_tags(run) if known is None else attrs.evolve(run, tags=known.tags)
            self.runs[run.flow, run.run_id] = kept
        tasks = [task for task in tasks if (task.flow, task.run_id) in self.runs]
        attempts = [attempt for attempt in attempts if (attempt.flow, attempt.run_id) in self.runs]
        self.provider.write([*tasks, *runs, *attempts])
        for task in tasks:
            self.tasks[task.flow, task.run_id, task.step, task.task_id] = task
        for one in attempts:
            self.attempts[one.flow, one.run_id, one.step, one.task_id, one.attempt] = one

    @rule(
        flow=st.sampled_from(FLOWS),
        run_id=st.sampled_from(RUNS),
        add=st.lists(st.sampled_from(TAGS), max_size=3),
        remove=st.lists(st.sampled_from(TAGS), max_size=2),
    )
    def mutate_tags(self, flow: str, run_id: str, add: list[str], remove: list[str]) -> None:
        run = self.runs.get((flow, run_id))
        if run is None:
            return
        if set(remove) & set(run.system_tags):
            try:
                self.provider.mutate_tags(flow, run_id, add=add, remove=remove)
            except TagError:
                return
            raise AssertionError("a system tag was removed")
        left = [tag for tag in run.tags if tag not in remove]
        new = attrs.evolve(run, tags=(*left, *add))
        self.runs[flow, run_id] = _with_clean_tags(new)
        assert self.provider.mutate_tags(flow, run_id, add=add, remove=remove) == self.runs[flow, run_id]

    @rule(flow=st.sampled_from(FLOWS), run_id=st.sampled_from(RUNS), at=_times)
    def heartbeat(self, flow: str, run_id: str, at: float) -> None:
        self.provider.heartbeat(flow, run_id, at)
        run = self.runs.get((flow, run_id))
        if run is not None and run.status == "running":
            self.runs[flow, run_id] = attrs.evolve(run, heartbeat_at=at)

    @rule()
    def close_and_open(self) -> None:
        self.provider.close()
        self.provider = self.place.kind.open(self.location)

    # --- answers ---------------------------------------------------------------------------------------------------

    @invariant()
    def single_records(self) -> None:
        assert list(self.provider.flows()) == sorted({flow for flow, _ in self.runs})
        for (flow, run_id), run in self.runs.items():
            assert self.provider.run(flow, run_id) == run
            steps = {key[2] for key in self.tasks if key[:2] == (flow, run_id)}
            assert {step.step for step in self.provider.steps(flow, run_id)} == steps
        for key, task in self.tasks.items():
            assert self.provider.task(*key) == task
            expected = sorted((one for one in self.attempts.values() if _task_of(one) == key), key=lambda a: a.attempt)
            assert list(self.provider.attempts(*key)) == expected

    @rule(flow=st.sampled_from(FLOWS), where=_run_filters, page=_pages)
    def list_runs(self, flow: str, where: RunFilter, page: Page) -> None:
        found = _all_pages(lambda part: self.provider.runs(flow, where, part), page)
        expected = [run for run in self.runs.values() if run.flow == flow and _run_matches(run, where)]
        assert sorted(run.run_id for run in found) == sorted(run.run_id for run in expected)
        assert found == sorted(found, key=lambda run: run.created_at, reverse=page.newest_first)

    @rule(wheres=st.lists(_task_filters, min_size=1, max_size=6), page=_pages)
    def list_tasks(self, wheres: list[TaskFilter], page: Page) -> None:
        for (flow, run_id), where in itertools.product(self.runs, wheres):
            found = _all_pages(lambda part: self.provider.tasks(flow, run_id, where, part), page)  # noqa: B023
            tasks = [task for key, task in self.tasks.items() if key[:2] == (flow, run_id)]
            expected = [task for task in tasks if self._task_matches(task, where)]
            assert sorted(found, key=_task_of) == sorted(expected, key=_task_of)
            assert found == sorted(found, key=lambda task: task.ordinal, reverse=page.newest_first)
            assert self.provider.count_tasks(flow, run_id, where) == len(expected)

    def _task_matches(self, task: TaskRecord, where: TaskFilter) -> bool:
        prefix = where.index_prefix or ""
        recorded = [*task.metadata]
        for attempt in self.attempts.values():
            if _task_of(attempt) == _task_of(task):
                recorded.extend(attempt.metadata)
        pairs = {(entry.field, entry.value) for entry in recorded}
        return (
            where.step in (None, task.step)
            and where.status in (None, task.status)
            and where.index_path in (None, task.index_path)
            and (not prefix or task.index_path == prefix or task.index_path.startswith(f"{prefix}/"))
            and (where.task_ids is None or task.task_id in where.task_ids)
            and pairs >= set(where.metadata.items())
        )


def _all_pages(get: Callable[[Page], Any], page: Page) -> list[Any]:
    found: list[Any] = []
    while True:
        part = get(page)
        assert 0 < len(part.items) <= page.limit or part.next is None
        found.extend(part.items)
        if part.next is None:
            return found
        page = attrs.evolve(page, after=part.next)


def _with_clean_tags(run: RunRecord) -> RunRecord:
    return attrs.evolve(run, tags=tuple(tag for tag in dict.fromkeys(run.tags) if tag not in run.system_tags))


def _task_of(record: TaskRecord | AttemptRecord) -> tuple[str, str, str, str]:
    return record.flow, record.run_id, record.step, record.task_id


def _run_matches(run: RunRecord, where: RunFilter) -> bool:
    return (
        {*run.tags, *run.system_tags} >= set(where.tags)
        and where.status in (None, run.status)
        and (where.created_after is None or run.created_at > where.created_after)
        and (where.created_before is None or run.created_at < where.created_before)
    )
