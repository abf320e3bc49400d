"""Where an attribute was set, by the source."""

from __future__ import annotations

import inspect

from flowkit import FlowSpec, step
from flowkit.compile.assignments import where_set


class Base(FlowSpec):
    def prepare(self) -> None:
        self.from_helper = 1


class AssigningFlow(Base):
    @step
    def start(this) -> None:  # noqa: N805 (any name may be used)
        this.value = 1
        this.value = 2
        this.read = this.value
        this.pair, this.other = 1, 2
        setattr(this, "hidden", 1)  # noqa: B010
        this.next(this.end)

    @step
    def end(self) -> None:
        self.value = 3


def line_of(text: str) -> int:
    lines = inspect.getsource(inspect.getmodule(AssigningFlow)).splitlines()  # type: ignore[arg-type]
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_last_assignment_in_the_step_counts() -> None:
    assert where_set(AssigningFlow, "start", "value") == f"{__file__}:{line_of('this.value = 2')}"
    assert where_set(AssigningFlow, "end", "value") == f"{__file__}:{line_of('self.value = 3')}"
    assert where_set(AssigningFlow, "start", "other") == f"{__file__}:{line_of('this.pair, this.other')}"


def test_other_methods_and_bases_are_looked_at_too() -> None:
    assert where_set(AssigningFlow, "end", "from_helper") == f"{__file__}:{line_of('self.from_helper = 1')}"
    assert where_set(AssigningFlow, "end", "read") == f"{__file__}:{line_of('this.read =')}"


def test_what_the_source_does_not_show_is_not_guessed() -> None:
    assert where_set(AssigningFlow, "start", "hidden") is None
    assert where_set(AssigningFlow, "nowhere", "nothing") is None
