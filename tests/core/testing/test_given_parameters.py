"""Parameters that a test gives: what the step sees is what a run's task sees, however the values are given."""

# ruff: noqa: ANN001, ANN201 - flows as users write them
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowkit import FlowSpec, IncludeFile, JSONType, Parameter, step
from flowkit.errors import CommandError, ParameterError
from flowkit.testing import run_flow, run_step

SOURCE = """
from flowkit import FlowSpec, IncludeFile, JSONType, Parameter, step


class Given(FlowSpec):
    items = Parameter("items", separator=",", default="d,e")
    several = Parameter("several", type=int, multiple=True, default=(7,))
    options = Parameter("options", type=JSONType, default="null")
    flag = Parameter("flag", default=False)
    text = Parameter("text", default="text")
    count = Parameter("count", type=int)
    words = IncludeFile("words")

    @step
    def start(self):
        names = ("items", "several", "options", "flag", "text", "count", "words")
        self.seen = {name: getattr(self, name) for name in names}
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Given()
"""

CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"items": ["q", "b"], "several": [1, "2"], "options": {"a": (1, None)}, "flag": True, "text": 5, "count": "3"},
        {"items": ["q", "b"], "several": (1, 2), "options": {"a": [1, None]}, "flag": True, "text": "5", "count": 3},
    ),
    (
        {"items": "q,b", "several": "1", "options": '["x"]', "flag": "yes", "text": ["a"], "count": 3},
        {"items": ["q", "b"], "several": (1,), "options": ["x"], "flag": True, "text": '["a"]', "count": 3},
    ),
    (
        {"items": None, "several": [], "options": None, "flag": None, "text": None, "count": None, "words": None},
        {"items": ["d", "e"], "several": (7,), "options": None, "flag": False, "text": "text", "count": None},
    ),
    ({"items": ("q",), "options": True, "flag": "0"}, {"items": ["q"], "options": True, "flag": False}),
]


class Given(FlowSpec):
    items = Parameter("items", separator=",", default="d,e")
    several = Parameter("several", type=int, multiple=True, default=(7,))
    options = Parameter("options", type=JSONType, default="null")
    flag = Parameter("flag", default=False)
    text = Parameter("text", default="text")
    count = Parameter("count", type=int)
    words = IncludeFile("words")

    @step
    def start(self):
        names = ("items", "several", "options", "flag", "text", "count", "words")
        self.seen = {name: getattr(self, name) for name in names}
        self.next(self.left, self.right)

    @step
    def left(self):
        self.next(self.join)

    @step
    def right(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.count_of_inputs = len(inputs)
        self.next(self.end)

    @step
    def end(self): ...


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_a_step_sees_what_a_run_gives(given: dict[str, Any], expected: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("a b")
    (tmp_path / "given.py").write_text(SOURCE)
    given = {"words": tmp_path / "words.txt", **given}
    expected = {"words": "a b" if given["words"] else None, **expected}
    by_step = run_step(Given.start, parameters=given)["seen"]
    by_file = run_flow(str(tmp_path / "given.py"), parameters=given, home=tmp_path / "home")["start"].task.data.seen
    for seen in (by_step, by_file):
        assert {name: seen[name] for name in expected} == expected
    assert by_step == by_file


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"several": 5}, "parameter 'several' takes several values: give a list, not 5"),
        ({"options": {1, 2}}, "parameter 'options': {1, 2} can't be said in JSON"),
        ({"flag": "perhaps"}, "parameter 'flag': 'perhaps' is not a boolean"),
        ({"words": "a b c"}, "parameter 'words': there is no file 'a b c' in "),
    ],
)
def test_values_that_no_run_can_have(given: dict[str, Any], text: str) -> None:
    with pytest.raises(ParameterError) as caught:
        run_step(Given.start, parameters=given)
    assert text in str(caught.value)


def test_a_join_asks_for_what_it_joins() -> None:
    with pytest.raises(CommandError, match="'join' is a join of left, right: give what it joins, run_step"):
        run_step(Given.join)
    assert run_step(Given.join, inputs=[])["count_of_inputs"] == 0
    assert run_step(Given.join, inputs=[{}, {}])["count_of_inputs"] == 2
