"""Tasks that lead to a task, and those it leads to."""

from __future__ import annotations

from collections.abc import Iterable

from flowkit.client import Step, Task
from support.recorded_run import FLOW, RecordedRun, graph


def names(tasks: Iterable[Task]) -> list[str]:
    return ["/".join(task.path_components[2:]) for task in tasks]


def task(name: str) -> Task:
    return Task(f"{FLOW}/1/{name}")


def test_a_line_and_a_branch(run: RecordedRun) -> None:
    run.task("start", next_steps=("a", "b"))
    run.task("a", parents=("start/1",), next_steps=("join",))
    run.task("b", parents=("start/1",), next_steps=("join",))
    run.task("join", parents=("a/2", "b/3"), next_steps=("end",))
    run.task("end", parents=("join/4",))
    assert names(task("start/1").child_tasks) == ["a/2", "b/3"]
    assert names(task("join/4").parent_tasks) == ["a/2", "b/3"]
    assert names(task("b/3").child_tasks) == ["join/4"]
    assert names(task("end/5").parent_tasks) == ["join/4"]
    assert list(task("end/5").child_tasks) == []
    assert list(task("start/1").parent_tasks) == []
    assert list(task("join/4").parent_task_pathspecs) == [f"{FLOW}/1/a/2", f"{FLOW}/1/b/3"]
    assert list(task("start/1").child_task_pathspecs) == [f"{FLOW}/1/a/2", f"{FLOW}/1/b/3"]


def test_a_foreach_in_a_foreach(run: RecordedRun) -> None:
    run.parameters(graph(start=("outer",), outer=("inner",), inner=("near",), near=("far",), far=()))
    run.task("start", next_steps=("outer",))
    for i in range(2):
        run.task("outer", parents=("start/1",), index_path=str(i), frames=(frame(i),), next_steps=("inner",))
    for i in range(2):
        for j in range(2):
            frames = (frame(i), frame(j))
            parents = (f"outer/{2 + i}",)
            run.task("inner", parents=parents, index_path=f"{i}/{j}", frames=frames, next_steps=("near",))
    for i in range(2):
        parents = (f"inner/{4 + 2 * i}", f"inner/{5 + 2 * i}")
        run.task("near", parents=parents, index_path=str(i), frames=(frame(i),), next_steps=("far",))
    run.task("far", parents=("near/8", "near/9"))
    assert names(task("start/1").child_tasks) == ["outer/2", "outer/3"]
    assert names(task("outer/3").child_tasks) == ["inner/6", "inner/7"]
    assert names(task("inner/6").child_tasks) == ["near/9"]
    assert names(task("near/9").parent_tasks) == ["inner/6", "inner/7"]
    assert names(task("near/8").child_tasks) == ["far/10"]
    assert names(task("far/10").parent_tasks) == ["near/8", "near/9"]
    assert [t.index for t in Step(f"{FLOW}/1/inner")] == [1, 0, 1, 0]


def test_a_join_of_many_is_found_by_its_place(run: RecordedRun) -> None:
    run.parameters(graph(start=("work",), work=("join",), join=("end",), end=()))
    run.task("start", next_steps=("work",))
    for i in range(70):
        run.task("work", parents=("start/1",), index_path=str(i), frames=(frame(i, 70),), next_steps=("join",))
    run.task("join", next_steps=("end",))
    run.task("end", parents=("join/72",))
    assert names(task("join/72").parent_tasks) == [f"work/{i}" for i in range(2, 72)]
    assert names(task("work/40").child_tasks) == ["join/72"]
    assert len(list(task("start/1").child_tasks)) == 70


def test_times_round_a_loop(run: RecordedRun) -> None:
    run.task("start", next_steps=("loop",))
    run.task("loop", parents=("start/1",), next_steps=("loop",))
    run.task("loop", parents=("loop/2",), iteration=1, next_steps=("end",))
    run.task("end", parents=("loop/3",))
    assert names(task("loop/2").child_tasks) == ["loop/3"]
    assert names(task("loop/3").child_tasks) == ["end/4"]
    assert names(task("loop/3").parent_tasks) == ["loop/2"]


def test_control_tasks_lead_a_parallel_step(run: RecordedRun) -> None:
    run.task("start", next_steps=("train",))
    for i in range(3):
        frames = (("start", "1", "", i, 3),)
        run.task("train", parents=("start/1",), index_path=str(i), frames=frames, next_steps=("after",))
    run.task("after", parents=("train/2",), index_path="0", frames=(("start", "1", "", 0, 3),))
    train = Step(f"{FLOW}/1/train")
    assert names(train.control_tasks()) == ["train/2"]
    assert train.control_task == task("train/2")
    assert names(train.tasks()) == ["train/4", "train/3", "train/2"]
    assert Step(f"{FLOW}/1/after").control_task is None
    assert Step(f"{FLOW}/1/start").control_task is None
    assert list(train.control_tasks("no such tag")) == []


def frame(index: int, count: int = 2) -> tuple[str, str, str, int, int | None]:
    return ("start", "1", "items", index, count)
