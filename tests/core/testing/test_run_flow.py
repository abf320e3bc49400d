"""``run_flow``: a class that a test defines, and a flow's file."""

# ruff: noqa: ANN001, ANN201, ANN202 - flows as users write them
from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowkit import Config, FlowSpec, Parameter, Run, current, project, retry, step
from flowkit.errors import CommandError, GraphError, ParameterError, TaskFailed
from flowkit.testing import run_flow

FACTOR = 1

FILE = """
from flowkit import Config, FlowSpec, Parameter, step

class InAFile(FlowSpec):
    alpha = Parameter("alpha", default=1)
    settings = Config("settings", default_value={"depth": 1})

    @step
    def start(self):
        if self.alpha == 7:
            raise ValueError("seven")
        self.product = self.alpha * self.settings.depth
        self.next(self.end)

    @step
    def end(self):
        print("at the end")

if __name__ == "__main__":
    InAFile()
"""


@project(name="mine")
class OfATest(FlowSpec):
    alpha = Parameter("alpha", default=1)
    settings: Any = Config("settings", default_value={"depth": 1})

    @step
    def start(self):
        self.numbers = [1, 2, 3]
        self.next(self.work, foreach="numbers")

    @step
    def work(self):
        if self.input == self.alpha - 10:
            raise ValueError(f"not {self.input}")
        print("working on", self.input)
        self.product = self.input * self.alpha * self.settings.depth * FACTOR
        self.attempt = current.retry_count
        self.process = os.getpid()
        self.next(self.join)

    @step
    def join(self, inputs):
        self.products = [one.product for one in inputs]
        self.processes = {one.process for one in inputs}
        self.branch = current.branch_name
        self.next(self.end)

    @step
    def end(self): ...


def test_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.FACTOR", 100)
    run = run_flow(
        OfATest,
        parameters={"alpha": "2"},
        configs={"settings": {"depth": 3}},
        tags=["mine"],
        options={"branch": "b"},
    )
    assert run.successful
    assert run.data.products == [600, 1200, 1800]
    assert len(run.data.processes | {os.getpid()}) == 4
    assert run.data.branch == "test.b"
    assert "mine" in run.user_tags
    assert run["work"].task.stdout == "working on 3\n"


def test_nothing_of_the_users_own_is_read_or_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOWKIT_DATASTORE", "nothing-like-that")
    before = dict(os.environ)
    assert run_flow(OfATest).successful
    assert dict(os.environ) == before
    assert not (tmp_path / ".flowkit").exists()
    assert run_flow(OfATest, home=tmp_path / "here").successful
    assert (tmp_path / "here" / ".flowkit").is_dir()


def test_a_failure_says_what_failed() -> None:
    with pytest.raises(TaskFailed, match="step 'work' of OfATest failed: ValueError: not 2") as caught:
        run_flow(OfATest, parameters={"alpha": 12})
    assert 'raise ValueError(f"not {self.input}")' in caught.value.__notes__[0]
    run = run_flow(OfATest, parameters={"alpha": 12}, raises=False)
    assert not run.successful


def test_decorators_for_all_steps() -> None:
    class Failing(FlowSpec):
        @step
        def start(self):
            if current.retry_count == 0:
                raise OSError
            self.next(self.end)

        @retry(times=0)
        @step
        def end(self): ...

    assert run_flow(Failing, decorators=["retry:times=1"]).successful


def test_output_is_shown_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    run_flow(OfATest)
    assert "working" not in capsys.readouterr().out
    run_flow(OfATest, show_output=True)
    assert "working on 2\n" in capsys.readouterr().out


def test_a_run_that_cant_begin() -> None:
    class Invalid(FlowSpec):
        @step
        def start(self):
            self.next(self.nowhere)

        @step
        def end(self): ...

    with pytest.raises(GraphError, match="nowhere"):
        run_flow(Invalid)
    with pytest.raises(ParameterError, match="'much' is not"):
        run_flow(OfATest, parameters={"alpha": "much"})
    with pytest.raises(CommandError, match="has no parameter 'beta'"):
        run_flow(OfATest, parameters={"beta": 1})
    with pytest.raises(CommandError, match="takes a flow's class or the path"):
        run_flow(int)  # type: ignore[arg-type]


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "flow.py"
    file.write_text(FILE)
    run = run_flow(file, parameters={"alpha": 3}, configs={"settings": {"depth": 5}}, tags=["mine"])
    assert run.data.product == 15
    assert "mine" in run.user_tags
    with pytest.raises(TaskFailed, match="step start, task 1: ValueError: seven") as caught:
        run_flow(file, parameters={"alpha": 7})
    assert "failed" in caught.value.__notes__[0]
    assert not run_flow(str(file), parameters={"alpha": 7}, raises=False).successful


def test_the_fixture(flowkit_run: Callable[..., Run], tmp_path: Path) -> None:
    assert flowkit_run(OfATest, parameters={"alpha": 2}).data.products == [2, 4, 6]
    assert flowkit_run(OfATest).parent.latest_run is not None
    assert (tmp_path / ".flowkit").is_dir()
