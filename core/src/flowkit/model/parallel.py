"""The place of a task among those that run together."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Parallel"]


class Parallel(NamedTuple):
    """``current.parallel``: the place of a task among those of a ``num_parallel`` split, which run together."""

    #: Address at which the control task can be reached.
    main_ip: str
    num_nodes: int
    #: From 0; node 0 is the control task.
    node_index: int
    control_task_id: str | None
