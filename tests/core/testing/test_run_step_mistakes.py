"""``run_step``: what a step may not do is told as in a real run, and so is what isn't a step."""

# ruff: noqa: ANN001, ANN201, ANN202 - flows as users write them
from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from flowkit import (
    FlowSpec,
    Parameter,
    UnhandledInMergeArtifacts,
    UnpicklableArtifact,
    step,
)
from flowkit.errors import CommandError, GraphError, InvalidNextError, TaskFailed
from flowkit.testing import run_step

# --- what a step may not do --------------------------------------------------------------------------------------


class Mistaken(FlowSpec):
    SIZE = 1
    alpha = Parameter("alpha", default=1)

    @step
    def start(self):
        self.wrong()
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        if not self.goes_on:
            return
        self.next(self.join)

    @step
    def join(self, inputs):
        self.merge_artifacts(inputs)
        self.next(self.end)

    @step
    def end(self):
        if getattr(self, "code", None) is not None:
            sys.exit(self.code)


def given(change: Any) -> type[FlowSpec]:
    return type("Changed", (Mistaken,), {"wrong": change, "__module__": __name__})


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        (lambda self: setattr(self, "alpha", 2), AttributeError, "alpha is a parameter, a configuration or"),
        (
            lambda self: setattr(self, "SIZE", 2),
            AttributeError,
            "SIZE is a parameter, a configuration or",
        ),
        (lambda self: self.missing, AttributeError, "'missing'"),
        (lambda self: setattr(self, "function", lambda: 1) or setattr(self, "bad", [open]), Exception, None),
        (lambda self: setattr(self, "bad", [lambda: 1]), UnpicklableArtifact, "self.bad"),
        (lambda self: self.next(self.join), InvalidNextError, "isn't what the graph says"),
        (lambda self: sys.exit(0), TaskFailed, "before it was done"),
    ],
)
def test_mistakes(change: Any, error: type[Exception], text: str | None) -> None:
    if text is None:
        assert "function" not in run_step(given(change), "start").artifacts
        return
    with pytest.raises(error, match=text):
        run_step(given(change), "start")


def test_a_step_that_goes_nowhere() -> None:
    with pytest.raises(InvalidNextError, match="'b' ended without a call"):
        run_step(Mistaken.b, inputs={"goes_on": False})
    assert run_step(Mistaken.b, inputs={"goes_on": True}).next == ("join",)


def test_merging() -> None:
    with pytest.raises(UnhandledInMergeArtifacts, match="x"):
        run_step(Mistaken.join, inputs={"a": {"x": 1}, "b": {"x": 2}})
    mock = MagicMock()
    merged = run_step(Mistaken.join, inputs={"a": {"x": 1, "mock": mock}, "b": {"y": 2, "mock": mock}})
    assert (merged["x"], merged["y"], merged["mock"]) == (1, 2, mock)


def test_leaving_with_an_exit_status() -> None:
    assert run_step(Mistaken.end, inputs={"code": 0}).next == ()
    with pytest.raises(TaskFailed, match=r"called sys.exit\(3\)"):
        run_step(Mistaken.end, inputs={"code": 3})


def test_an_invalid_flow() -> None:
    class Unfinished(FlowSpec):
        @step
        def start(self):
            self.next(self.nowhere)

        @step
        def end(self): ...

    with pytest.raises(GraphError, match="nowhere"):
        run_step(Unfinished.start)


# --- which step --------------------------------------------------------------------------------------------------


class Derived(Mistaken):
    SIZE = 5


def test_ways_to_name_a_step() -> None:
    assert run_step(Mistaken, "end")["SIZE"] == 1
    assert run_step(Derived, "end")["SIZE"] == 5
    assert run_step(Derived(use_cli=False).end)["SIZE"] == 5
    # A method doesn't know through which class it was looked up.
    assert run_step(Derived.end)["SIZE"] == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((Mistaken,), r"which step of Mistaken\? run_step\(Mistaken, 'start'\)"),
        ((Mistaken, "nothing"), "has no step 'nothing'; it has: start, a, b"),
        ((FlowSpec.next,), "run_step takes a step"),
        ((Mistaken.start, "start"), "a step's name is given after a flow"),
        ((SimpleNamespace(),), "run_step takes a step"),
    ],
)
def test_what_isnt_a_step(arguments: Any, text: str) -> None:
    with pytest.raises(CommandError, match=text):
        run_step(*arguments)


def test_a_step_of_two_flows() -> None:
    @step
    def shared(self: Any) -> None: ...

    first = type("First", (FlowSpec,), {"shared": shared})
    second = type("Second", (FlowSpec,), {"shared": shared})
    with pytest.raises(CommandError, match=r"is of several flows \(First, Second\)"):
        run_step(shared)
    del first, second


def test_nothing_is_stored_and_pytest_isnt_needed(tmp_path: Path) -> None:
    program = """
        import sys
        from flowkit import FlowSpec, step
        from flowkit.testing import run_step

        class Short(FlowSpec):
            @step
            def only(self):
                self.x = 1

        assert run_step(Short.only)["x"] == 1
        assert "pytest" not in sys.modules and "sqlite3" not in sys.modules
    """
    import textwrap

    (tmp_path / "short.py").write_text(textwrap.dedent(program))
    before = set(tmp_path.rglob("*"))
    subprocess.run([sys.executable, "-B", "short.py"], cwd=tmp_path, check=True)
    assert set(tmp_path.rglob("*")) == before
