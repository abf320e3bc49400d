"""``@pytorch_parallel``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from flowkit.builtin.step_decorators.parallel import ParallelDecorator
from flowkit.errors import InvalidDecorator
from flowkit.interfaces.step_decorator import TaskContext
from flowkit.model.graph import DecoratorSpec

__all__ = ["PytorchParallelDecorator"]

#: Without a port of the user's own, one of so many from here on: two runs seldom have the same.
_FIRST_PORT = 51_000
_PORTS = 10_000


class PytorchParallelDecorator(ParallelDecorator):
    """As ``@parallel``, and sets the variables by which nodes of ``torch.distributed`` and Lightning find each other.

    They are MASTER_ADDR, MASTER_PORT, WORLD_SIZE, RANK, NODE_RANK and NUM_NODES, with one process for each node, and
    PL_TORCH_DISTRIBUTED_BACKEND, which is gloo. Doesn't import torch.
    """

    name = "pytorch_parallel"
    defaults: ClassVar[Mapping[str, Any]] = {"master_port": None}

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        port = self.attributes["master_port"]
        if port is not None and (type(port) is not int or not 0 < port < 1 << 16):
            raise InvalidDecorator(
                f"{spec.origin}: @pytorch_parallel: master_port is {port!r}; it must be a whole number from 1 to 65535"
            )

    def around(self, run: Callable[[], None], context: TaskContext) -> None:
        """Set the variables, as ``current.parallel`` says."""

        def run_among_others() -> None:
            parallel = context.current.parallel
            os.environ.update(
                MASTER_ADDR=parallel.main_ip,
                MASTER_PORT=str(self._port(context.spec.run.run_id)),
                WORLD_SIZE=str(parallel.num_nodes),
                NUM_NODES=str(parallel.num_nodes),
                RANK=str(parallel.node_index),
                NODE_RANK=str(parallel.node_index),
                PL_TORCH_DISTRIBUTED_BACKEND="gloo",
            )
            run()

        super().around(run_among_others, context)

    def _port(self, run_id: str) -> int:
        """The same in all tasks of the run."""
        given: int | None = self.attributes["master_port"]
        if given is not None:
            return given
        return _FIRST_PORT + (int(run_id) % _PORTS if run_id.isdecimal() else 1)
