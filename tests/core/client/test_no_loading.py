"""Listing and showing never loads a value: what a stranger stored can't run code in a reader's process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowkit.client import DataArtifact, FlowKit, Step, Task
from support.project import Project
from support.recorded_run import FLOW, RecordedRun, graph

FLOW_FILE = """
    from flowkit import FlowSpec, step

    class TestFlow(FlowSpec):
        @step
        def start(self):
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        TestFlow()
"""


class Bomb:
    """Leaves a mark when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (self.mark, "w"))


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "loaded"


@pytest.fixture
def armed(run: RecordedRun, mark: Path) -> RecordedRun:
    bombs = {"bomb": Bomb(mark), "large": [Bomb(mark), "x" * 10_000], "_hidden": Bomb(mark), "score": 1}
    run.parameters(graph(start=("work",), work=("end",), end=()), **bombs)
    for number, step in enumerate(("start", "work", "end"), 1):
        frames = (("start", "1", "items", 0, 1),) if step == "work" else ()
        run.task(step, bombs, frames=frames, index_path="0" if frames else "")
        run.log(step, str(number), 0, ("stdout", 1.0, b"hello\n"))
    run.task("end", bombs, status="failed")
    run.end()
    return run


def test_the_client(armed: RecordedRun, mark: Path) -> None:
    shown: list[str] = []
    for flow in FlowKit():
        for run in flow.runs(status="succeeded"):
            shown += [repr(run), str(run.tags), str(run.data), str(run.end_task), str(run.successful), str(run.code)]
            for step in run:
                shown += [repr(step), str(step.finished_at), *(str(other) for other in step.child_steps)]
                for task in (*step, *step.where(status="failed"), *step.where(artifacts={"score": 1})):
                    shown += [repr(task), repr(task.artifacts), repr(task.data), str(dir(task.data)), task.stdout]
                    shown += [str(task.metadata), str(task.exception), str(task.index), str("bomb" in task)]
                    shown += [str(other) for other in (*task.parent_tasks, *task.child_tasks)]
                    for artifact in (*task, *(task[name] for name in ("bomb", "_hidden") if name in task)):
                        shown += [repr(artifact), artifact.sha, artifact.type, str(artifact.size)]
    shown.append(repr(DataArtifact(f"{FLOW}/1/work/2/bomb")))
    assert any("bomb" in text for text in shown)
    assert not mark.exists()
    # It goes off when it is asked for.
    Task(f"{FLOW}/1/work/2").data.bomb.close()
    assert mark.exists()


def test_values_are_found_without_loading_others(armed: RecordedRun, mark: Path) -> None:
    step = Step(f"{FLOW}/1/work")
    for wanted in (1, 1.5, "text", None, True, {"a": 1}, b"bytes"):
        assert not step.where(artifacts={"bomb": wanted})
        assert not step.where(artifacts={"large": wanted})
    assert not mark.exists()


@pytest.mark.parametrize("command", ["logs 1/work/2", "logs 1/work", "tag list --run-id 1", "tag list --all"])
def test_commands(armed: RecordedRun, mark: Path, project: Project, command: str) -> None:
    project.write("flow.py", FLOW_FILE)
    env: dict[str, str | None] = {"FLOWKIT_DATASTORE_SYSROOT_LOCAL": str(armed.root.parent)}
    shown = project.run(*command.split(), env=env, check=True)
    assert shown.stdout
    assert not mark.exists()
