"""Mistakes that type checkers tell: on each line that is marked, and on no other."""

# ruff: noqa: F401, I001
from __future__ import annotations

from flowkit import Config, FlowSpec, Parameter, current, retry, step, timeout
from flowkit import tpyo  # error
from flowkit.plugin import Datastor  # error


class WrongFlow(FlowSpec):
    alpha = Parameter("alpha", default=0.5)
    config = Config("config", default_value={})
    count = Parameter("count", default=1, required="yes")  # error

    @retry(time=3)  # error
    @step
    def start(self) -> None:
        self.alpha = 2.0  # error of mypy
        self.config = {}  # error of mypy
        self.alpha.upper()  # error
        self.next(self.a, foreahc="items")  # error

    @timeout(seconds="ten")  # error
    @step
    def a(self) -> None:
        current.run_id = "7"  # error
        current.is_running_flow.upper()  # error
        self.next("end")  # error

    @step
    def end(self) -> None:
        self.next(self.end, foreach=3)  # error
