"""What a forked task has from the processes before it without reading anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from flowkit.builtin.local_compute.random_state import RandomPlan
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.kernel.registry import Registry
    from flowkit.settings import Settings
    from flowkit.task.process import Libc
    from flowkit.task.shared_inputs import SharedInputs

__all__ = ["Inheritance"]


@attrs.define
class Inheritance:
    """The launching process's values, and those that the parent of tasks adds."""

    compiled: CompiledFlow
    registry: Registry
    settings: Settings
    libc: Libc | None = None
    random: RandomPlan | None = None
    #: What sibling tasks read alike.
    shared: SharedInputs | None = None
    #: Process id of the parent of tasks.
    parent: int = 0
    #: Where the interpreter reports a crash: each child puts a file of its own there.
    crash_fd: int = -1
