"""Tests of flows: one step in the test's own process, or a whole flow in a folder of its own.

>>> from flowkit.testing import run_flow, run_step
>>> run_step(MyFlow.train, inputs={"rows": [1, 2]})["model"]
>>> run_flow(MyFlow, parameters={"alpha": 0.5}).data.model

The modules beside these are contracts that the authors of plugins inherit their tests from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.lazy import resolve, table_of

if TYPE_CHECKING:
    from flowkit.testing.flow_run import run_flow
    from flowkit.testing.step_result import StepResult
    from flowkit.testing.step_run import run_step

__all__ = ["StepResult", "run_flow", "run_step"]

_NAMES = table_of(
    {
        "flowkit.testing.flow_run": "run_flow",
        "flowkit.testing.step_result": "StepResult",
        "flowkit.testing.step_run": "run_step",
    }
)

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _NAMES:
            return resolve(globals(), _NAMES, name)
        raise AttributeError(f"module 'flowkit.testing' has no attribute {name!r}")
