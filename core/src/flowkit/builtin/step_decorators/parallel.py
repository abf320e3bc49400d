"""``@parallel``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flowkit.interfaces.step_decorator import StepDecorator, TaskContext
from flowkit.model.graph import Graph
from flowkit.model.parallel import Parallel
from flowkit.model.problem import Problem

__all__ = ["ParallelDecorator"]


class ParallelDecorator(StepDecorator):
    """Says that the tasks of a step that ``self.next(…, num_parallel=N)`` starts run at the same time.

    A backend that runs them on several machines says where node 0 is: ``spec.extra["parallel"]["main_ip"]``.
    """

    name = "parallel"
    order = 10
    is_parallel = True

    def check(self, graph: Graph, step: str) -> Iterable[Problem]:
        """A step that isn't started so has no place among others."""
        node = graph[step]
        if not node.parallel_step:
            text = f"step {step!r}: @{self.name} is for a step that self.next(self.{step}, num_parallel=…) starts"
            yield Problem(text, node.file, node.line, step, "parallel")

    def around(self, run: Callable[[], None], context: TaskContext) -> None:
        """Add ``current.parallel`` and ``current.is_parallel``."""
        frame = context.spec.frames[-1]
        told: Mapping[str, Any] = context.spec.extra.get("parallel", {})
        parallel = Parallel(
            main_ip=told.get("main_ip", "127.0.0.1"),
            num_nodes=frame.num_splits or 1,
            node_index=frame.index,
            control_task_id=frame.control_task_id,
        )
        context.current._update({"parallel": parallel, "is_parallel": True})
        run()
