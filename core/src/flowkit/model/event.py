"""What the scheduler is told, and what it answers. See :mod:`flowkit.engine.scheduler`."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from flowkit.model.artifact import ItemsRef, Transition
from flowkit.model.task import OutcomeStatus

__all__ = [
    "AttemptEnded",
    "Begin",
    "Cancel",
    "Event",
    "Finish",
    "Frame",
    "Instruction",
    "Retry",
    "ScheduledTask",
    "SplitGroup",
    "Stop",
    "Submit",
]


@attrs.define(eq=False)
class SplitGroup:
    """The tasks that one split started, until its join has them all. Owned by the scheduler."""

    #: The step and task that split, and the groups that it was in.
    step: str
    task_id: str
    parent: Frame | None
    #: How many branches; of an unbounded foreach 0, until its control task has said.
    width: int
    #: Name of the artifact that a foreach iterates over; None for a static split.
    variable: str | None = None
    items: ItemsRef | None = None
    parallel: bool = False
    #: Key of the task that split.
    key: str = ""
    #: By index: the task that arrived at the join.
    arrived: dict[int, str] = attrs.field(factory=dict)
    #: Times round a loop so far, by step, when the split happened.
    visits: Mapping[str, int] = attrs.field(factory=dict)
    #: A foreach whose control task says, when it ends, how many items there are.
    unbounded: bool = False
    #: The task that leads the others: node 0 of a ``num_parallel`` split.
    control_task_id: str | None = None

    @property
    def is_foreach(self) -> bool:
        """Whether the branches are items rather than different steps."""
        return self.variable is not None or self.parallel


@attrs.frozen(eq=False)
class Frame:
    """One branch of one split."""

    group: SplitGroup
    index: int
    #: The control task of an unbounded foreach, which is for no item.
    control: bool = False


@attrs.frozen
class ScheduledTask:
    """A task as the scheduler knows it."""

    id: str
    step: str
    #: Ids of the tasks whose artifacts it reads, in the order that a join sees; empty for the start.
    inputs: tuple[str, ...] = ()
    frame: Frame | None = attrs.field(default=None, eq=False)
    #: Which time round a loop of switches.
    iteration: int = 0
    #: Identifies the task in every run of the same graph.
    key: str = ""
    visits: Mapping[str, int] = attrs.field(factory=dict, eq=False)
    #: Of a join: the split that it closes.
    closes: SplitGroup | None = attrs.field(default=None, eq=False)

    def foreach_groups(self) -> list[Frame]:
        """The enclosing foreaches, outermost first."""
        frames: list[Frame] = []
        frame = self.frame
        while frame is not None:
            if frame.group.is_foreach:
                frames.append(frame)
            frame = frame.group.parent
        frames.reverse()
        return frames

    @property
    def index_path(self) -> str:
        """Positions in the enclosing foreaches, as ``3/0``."""
        return "/".join(str(frame.index) for frame in self.foreach_groups())


# --- events ------------------------------------------------------------------------------------------------------


@attrs.frozen
class Begin:
    """The run starts."""


@attrs.frozen
class AttemptEnded:
    """An attempt of a task is over (or the task was taken from an earlier run)."""

    task_id: str
    status: OutcomeStatus
    transition: Transition | None = None
    retryable: bool = True


@attrs.frozen
class Stop:
    """The run is to end early: an interrupt, or an error of the engine's own."""

    reason: str


Event = Begin | AttemptEnded | Stop

# --- instructions ------------------------------------------------------------------------------------------------


@attrs.frozen
class Submit:
    """Start the first attempt of a task."""

    task: ScheduledTask


@attrs.frozen
class Retry:
    """Start another attempt of a task."""

    task: ScheduledTask
    attempt: int


@attrs.frozen
class Cancel:
    """No new task starts any more; those named get some time, and are then ended."""

    task_ids: tuple[str, ...]


@attrs.frozen
class Finish:
    """The run is over; nothing runs any more."""

    succeeded: bool
    #: Tasks that failed for good, in the order in which they did.
    failed: tuple[str, ...] = ()
    reason: str = ""


Instruction = Submit | Retry | Cancel | Finish
