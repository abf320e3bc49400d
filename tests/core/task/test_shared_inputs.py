"""What sibling tasks read alike is read once, by the process that forks them; rehearsals leave nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from flowkit.artifacts.store import ArtifactStore
from flowkit.interfaces.datastore import Datastore
from flowkit.task.attempt import open_store, run_attempt
from flowkit.task.rehearsal import rehearse
from flowkit.task.shared_inputs import SharedInputs

Make = Callable[[str], Any]

FOREACH = """
class SplitFlow(FlowSpec):
    @step
    def start(self):
        self.items = ["a", "bb", "ccc"]
        self.common = 7
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.length = len(self.input) + self.common
        self.next(self.join)

    @step
    def join(self, inputs):
        self.lengths = [each.length for each in inputs]
        self.next(self.end)

    @step
    def end(self):
        raise RuntimeError("a rehearsal runs no code of the user's")
"""


@pytest.fixture
def split(tasks: Make) -> Any:
    flow = tasks(FOREACH)
    flow.start_outcome = flow.run("start")
    return flow


def _branch(flow: Any, index: int) -> Any:
    outcome = flow.start_outcome
    frame = flow.frame(outcome, index) if hasattr(flow, "frame") else None
    if frame is None:
        from flowkit.model.task import ForeachFrame

        items = outcome.transition.items
        frame = ForeachFrame("start", "1", "items", index, items.count, items)
    return flow.spec("work", outcome, frames=(frame,))


def _attempt(flow: Any, spec: Any, shared: SharedInputs | None) -> Any:
    return run_attempt(
        spec,
        flow.compiled,
        flow.registry,
        flow.settings,
        send_secrets=lambda _: None,
        current_extras={},
        shared=shared,
    )


def test_a_second_sibling_is_asked_for_and_no_other() -> None:
    shared = SharedInputs()
    assert not shared.wants(1)
    assert shared.wants(1)
    assert not shared.wants(2)


def test_siblings_need_neither_the_manifest_nor_the_items_once_they_are_kept(split: Any) -> None:
    shared = SharedInputs()
    spec = _branch(split, 1)
    shared.read(spec, open_store(spec, split.compiled, split.registry))
    key = split.start_outcome.manifest
    items = split.start_outcome.transition.items
    assert shared.manifest(key) is not None
    assert shared.items(items) is not None
    split.datastore.delete([key])
    split.datastore.delete([one.key for one in split.datastore.list(f"{spec.run.flow}/blobs")])
    for index, length in enumerate((8, 9, 10)):
        spec = _branch_without_reading(split, index, items)
        outcome = _attempt(split, spec, shared)
        assert outcome.status == "succeeded"
        manifest = split.store.read_manifest(outcome.manifest)
        assert split.store.load(manifest.artifacts["length"]) == length


def _branch_without_reading(flow: Any, index: int, items: Any) -> Any:
    from flowkit.model.task import ForeachFrame, InputRef, TaskSpec

    key = flow.start_outcome.manifest
    frame = ForeachFrame("start", "1", "items", index, items.count, items)
    return TaskSpec(flow.run_spec, "work", f"9{index}", inputs=(InputRef("start", "1", 0, key),), frames=(frame,))


def test_another_group_forgets_what_was_kept(split: Any) -> None:
    shared = SharedInputs()
    shared.wants(1)
    spec = _branch(split, 0)
    shared.read(spec, open_store(spec, split.compiled, split.registry))
    shared.wants(2)
    assert shared.manifest(split.start_outcome.manifest) is None
    assert shared.items(split.start_outcome.transition.items) is None


def test_what_cannot_be_read_is_left_to_the_task(split: Any) -> None:
    shared = SharedInputs()
    spec = _branch(split, 0)
    split.datastore.delete([split.start_outcome.manifest])
    shared.read(spec, open_store(spec, split.compiled, split.registry))
    assert shared.manifest(split.start_outcome.manifest) is None


@pytest.mark.parametrize("step", ["start", "work", "join", "end"])
def test_a_rehearsal_succeeds_and_leaves_nothing(
    split: Any, step: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    outcomes = []
    from flowkit.task import rehearsal

    original = rehearsal._Rehearsal.run
    monkeypatch.setattr(rehearsal._Rehearsal, "run", lambda self: outcomes.append(original(self)) or outcomes[-1])
    before = _files(split.folder)
    spec = _branch(split, 0) if step == "work" else split.spec(step, split.start_outcome)
    rehearse(spec, split.compiled, split.registry, rounds=2)
    assert [one.status for one in outcomes] == ["succeeded", "succeeded"]
    assert _files(split.folder) == before
    assert capfd.readouterr() == ("", "")


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_a_store_without_a_scratch_store_is_left_alone(split: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(split.datastore), "scratch", Datastore.scratch)
    monkeypatch.setattr(ArtifactStore, "write_manifest", lambda *_: pytest.fail("it wrote"))
    rehearse(attrs.evolve(split.spec("end", split.start_outcome)), split.compiled, split.registry, rounds=1)
