"""What a task stores, and what it takes over from the tasks before it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Make = Callable[[str], Any]

LINEAR = """
import numpy as np

class LinearFlow(FlowSpec):
    limit = 5

    @step
    def start(self):
        self.x = 1
        self._private = "kept"
        self.items = [1, 2]
        self.big = np.arange(100_000)
        self.gone = "soon"
        self.helper = lambda: 1
        self.__hidden = 3
        self.next(self.middle)

    @step
    def middle(self):
        {body}
        self.next(self.end)

    @step
    def end(self):
        pass
"""


@pytest.fixture
def linear(tasks: Make) -> Make:
    return lambda body: tasks(LINEAR.format(body=body))


def test_attributes_are_stored_and_functions_passed_over(linear: Make) -> None:
    flow = linear("pass")
    start = flow.done("start")
    assert flow.names(start) == {"x", "_private", "items", "big", "gone", "_LinearFlow__hidden"}
    assert flow.value(start, "x") == 1
    assert flow.value(start, "_private") == "kept"


def test_what_is_not_touched_passes_by_reference_without_a_byte_moved(linear: Make) -> None:
    flow = linear("pass")
    start = flow.done("start")
    shutil.rmtree(flow.folder / "LinearFlow" / "blobs")
    middle = flow.done("middle", start)
    assert flow.manifest(middle).artifacts == flow.manifest(start).artifacts


def test_what_is_changed_in_place_is_stored_again(linear: Make) -> None:
    flow = linear("self.items.append(3); self.big[0] = 7")
    start = flow.done("start")
    middle = flow.done("middle", start)
    assert flow.value(middle, "items") == [1, 2, 3]
    assert flow.value(middle, "big")[0] == 7
    assert flow.value(start, "items") == [1, 2]
    assert flow.value(start, "big")[0] == 0


def test_what_is_only_read_is_not_stored_again(linear: Make) -> None:
    flow = linear("assert self.items == [1, 2] and self.big.sum() > 0")
    start = flow.done("start")
    middle = flow.done("middle", start)
    assert flow.manifest(middle).artifacts == flow.manifest(start).artifacts


def test_what_is_deleted_is_gone(linear: Make) -> None:
    flow = linear("del self.gone; assert not hasattr(self, 'gone')")
    middle = flow.done("middle", flow.done("start"))
    assert "gone" not in flow.names(middle)
    assert not {"gone"} & flow.names(flow.done("end", middle))


def test_what_is_deleted_and_set_again_is_there(linear: Make) -> None:
    flow = linear("del self.gone; self.gone = 'back'")
    assert flow.value(flow.done("middle", flow.done("start")), "gone") == "back"


def test_only_what_is_touched_is_read(linear: Make) -> None:
    flow = linear("assert self.x == 1")
    start = flow.done("start")
    shutil.rmtree(flow.folder / "LinearFlow" / "blobs")
    assert flow.value(flow.done("middle", start), "x") == 1


def test_a_missing_artifact_is_an_attribute_error(linear: Make) -> None:
    flow = linear("assert not hasattr(self, 'nothing'); self.nothing")
    outcome = flow.run("middle", flow.done("start"))
    assert outcome.failure.type == "AttributeError"
    assert "nothing" in outcome.failure.message


BRANCHES = """
class BranchFlow(FlowSpec):
    @step
    def start(self):
        self.common = [1]
        self.next(self.a, self.b)

    @step
    def a(self):
        self.x = "a"
        self.same = 1
        self.next(self.join)

    @step
    def b(self):
        self.x = "b"
        self.same = 1
        self.next(self.join)

    @step
    def join(self, inputs):
        {body}
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def joined(tasks: Make, body: str) -> tuple[Any, Any]:
    flow = tasks(BRANCHES.format(body=body))
    start = flow.done("start")
    return flow, flow.run("join", flow.done("a", start), flow.done("b", start))


def test_a_join_inherits_nothing(tasks: Make) -> None:
    flow, join = joined(tasks, "assert not hasattr(self, 'common') and not hasattr(self, 'x')")
    assert join.status == "succeeded", join.failure
    assert flow.names(join) == set()


def test_a_join_reads_its_inputs(tasks: Make) -> None:
    flow, join = joined(tasks, "self.got = [i.x for i in inputs], inputs.a.x, inputs[1].x, len(inputs)")
    assert join.status == "succeeded", join.failure
    assert flow.value(join, "got") == (["a", "b"], "a", "b", 2)


def test_merged_artifacts_pass_by_reference(tasks: Make) -> None:
    flow, join = joined(tasks, "self.x = 'set'; self.merge_artifacts(inputs)")
    assert join.status == "succeeded", join.failure
    assert flow.names(join) == {"x", "same", "common"}
    assert flow.value(join, "x") == "set"


def test_merged_artifacts_that_are_changed_are_stored(tasks: Make) -> None:
    flow, join = joined(tasks, "self.merge_artifacts(inputs, include=['common']); self.common.append(2)")
    assert join.status == "succeeded", join.failure
    assert flow.value(join, "common") == [1, 2]


def test_a_join_does_not_read_inputs_that_it_does_not_touch(tasks: Make) -> None:
    flow = tasks(BRANCHES.format(body="self.got = inputs[1].x"))
    start = flow.done("start")
    a, b = flow.done("a", start), flow.done("b", start)
    flow.datastore.delete([a.manifest])
    spec = flow.spec("join", b, b)
    assert flow.value(flow.done("join", b, b, task_id=spec.task_id), "got") == "b"


def test_the_inputs_of_a_wide_join_come_from_an_object(tasks: Make) -> None:
    from flowkit.engine.inputs_list import store_inputs

    flow = tasks(BRANCHES.format(body="self.got = [i.x for i in inputs]"))
    start = flow.done("start")
    refs = flow.spec("join", flow.done("a", start), flow.done("b", start)).inputs
    key = store_inputs(flow.datastore, flow.compiled.name, "7", "99", refs)
    assert flow.value(flow.done("join", inputs_blob=key), "got") == ["a", "b"]


FOREACH = """
class SplitFlow(FlowSpec):
    @step
    def start(self):
        self.items = {items}
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.got = self.input, self.index, self.foreach_stack()
        self.whole = len(self.items)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = [one.got for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass
"""


@pytest.mark.parametrize(
    ("items", "values"),
    [
        ("['x', None, [3]]", ["x", None, [3]]),
        ("'abc'", ["a", "b", "c"]),
        ("{'k': 1, 'l': 2}", ["k", "l"]),
        ("range(3)", [0, 1, 2]),
        ("(1.5,)", [1.5]),
        ("{7}", [7]),
    ],
)
def test_each_task_of_a_foreach_gets_its_item(tasks: Make, items: str, values: list[Any]) -> None:
    flow = tasks(FOREACH.format(items=items))
    start = flow.done("start")
    assert start.transition.steps == ("work",)
    assert start.transition.foreach == "items"
    assert start.transition.num_splits == len(values)
    works = flow.split("work", start)
    join = flow.done("join", *works)
    count = len(values)
    assert flow.value(join, "all") == [(v, i, [(i, count, v)]) for i, v in enumerate(values)]
    assert flow.value(works[0], "whole") == count


def test_a_task_of_a_foreach_reads_its_own_item_only(tasks: Make) -> None:
    source = FOREACH.format(items="[b'x' * 1000] * 50").replace("self.whole = len(self.items)", "self.input")
    flow = tasks(source)
    start = flow.done("start")
    entry = flow.manifest(start).artifacts["items"]
    if entry.payload is not None:
        flow.datastore.delete([path for path in _keys(flow) if entry.payload.hash in path])
    assert len(flow.split("work", start)) == 50


def _keys(flow: Any) -> list[str]:
    root = Path(flow.folder)
    return [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("items", ["[]", "None", "iter([1])", "5"])
def test_what_can_not_be_split_is_a_failure(tasks: Make, items: str) -> None:
    outcome = tasks(FOREACH.format(items=items)).run("start")
    assert outcome.status == "failed"
    assert "items" in outcome.failure.message
    assert not outcome.retryable


def test_a_list_that_is_emptied_after_self_next_is_a_failure(tasks: Make) -> None:
    shy = "class Shy(list):\n    def __iter__(self): yield from [self.pop()] if self else []\n"
    outcome = tasks(shy + FOREACH.format(items="Shy([1])")).run("start")
    assert outcome.status == "failed"
    assert "empty" in outcome.failure.message


def test_parameters_and_constants_are_artifacts_of_every_task(tasks: Make) -> None:
    from flowkit.model.artifact import Manifest
    from flowkit.model.task import TaskOutcome

    flow = tasks(
        "from flowkit import Parameter\n"
        + BRANCHES.format(body="self.got = self.alpha, self.limit").replace(
            "class BranchFlow(FlowSpec):",
            "class BranchFlow(FlowSpec):\n    alpha = Parameter('alpha', default=1)\n    limit = 5",
        )
    )
    entries = {"alpha": flow.store.save("alpha", 3), "limit": flow.store.save("limit", 5)}
    key = flow.store.write_manifest(Manifest("BranchFlow", "7", "_parameters", "0", 0, entries))
    start = flow.done("start", TaskOutcome("succeeded", manifest=key))
    join = flow.done("join", flow.done("a", start), flow.done("b", start))
    assert flow.names(join) == {"alpha", "limit", "got"}
    assert flow.value(join, "got") == (3, 5)
    assert flow.manifest(join).artifacts["alpha"] == entries["alpha"]
