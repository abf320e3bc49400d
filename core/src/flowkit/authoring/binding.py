"""What joins a FlowSpec instance to the task that it runs in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.authoring.bound import CHANGED_ITEMS, KEY, binding_of
from flowkit.authoring.constants import guard_constants
from flowkit.authoring.inputs import Input, load_from
from flowkit.model.artifact import ArtifactEntry
from flowkit.model.graph import Graph
from flowkit.model.task import ForeachFrame

if TYPE_CHECKING:
    from flowkit.authoring.flowspec import FlowSpec


__all__ = ["NextCall", "TaskBinding", "bind", "binding_of", "own_artifacts"]


@attrs.frozen
class NextCall:
    """What ``self.next`` was told."""

    #: Names of the steps to go on to; of a switch, the one that was chosen.
    steps: tuple[str, ...]
    #: Name of the artifact to iterate over.
    foreach: str | None = None
    #: How many tasks a ``num_parallel`` split starts.
    num_parallel: int | None = None
    #: Name of the artifact that chose the step.
    condition: str | None = None
    #: Where it was called, for messages: ``flow.py:12``.
    origin: str = ""


@attrs.define
class TaskBinding:
    """All that an instance needs of the task that runs it.

    At the end of a task its artifacts are: what it inherited but for ``deleted``, by reference; ``merged``, by
    reference; and :func:`own_artifacts`, stored, where those in ``loaded`` are still the inherited objects (they may
    have been changed in place).
    """

    graph: Graph
    step: str
    #: An inherited artifact by name, of those in ``names``.
    load: Callable[[str], Any]
    #: Names of the inherited artifacts.
    names: Callable[[], Collection[str]]
    #: Parameters, configurations and class constants: assigning to one is an error.
    read_only: frozenset[str] = frozenset()
    #: Enclosing foreaches, outermost first.
    frames: tuple[ForeachFrame, ...] = ()
    load_item: Callable[[ForeachFrame], Any] | None = None
    #: Names whose value is the very object that was inherited or merged.
    loaded: set[str] = attrs.field(factory=set)
    #: Names that were inherited and then deleted.
    deleted: set[str] = attrs.field(factory=set)
    next_call: NextCall | None = None
    #: What a join's method was given.
    inputs: Any = None
    #: Artifacts taken over from inputs by ``merge_artifacts``.
    merged: dict[str, ArtifactEntry] = attrs.field(factory=dict)
    #: The input that each merged artifact came from.
    merged_from: dict[str, Input] = attrs.field(factory=dict)
    #: Objects of ``loaded``, to see whether a name still has the object that was loaded.
    originals: dict[str, Any] = attrs.field(factory=dict)
    #: Values of read-only names that were loaded.
    constants: dict[str, Any] = attrs.field(factory=dict)
    #: Values of ``frames`` that were loaded, by level.
    items: dict[int, Any] = attrs.field(factory=dict)

    def has(self, name: str) -> bool:
        """Whether the task inherited or merged ``name``, and still has it."""
        return name not in self.deleted and (name in self.merged or name in self.names())

    def inherited(self, name: str) -> Any:
        """An inherited or merged artifact that the task :meth:`has`, loaded."""
        if name in self.merged:
            return load_from(self.merged_from[name], name)
        return self.load(name)

    def constant(self, name: str) -> Any:
        """The value of a read-only name that was inherited, loaded once."""
        if name not in self.constants:
            self.constants[name] = self.load(name)
        return self.constants[name]

    def item(self, level: int) -> Any:
        """The item that ``frames[level]`` is for; the index where the split has no items."""
        if level not in self.items:
            self.items[level] = self.given_item(level)
        return self.items[level]

    def given_item(self, level: int) -> Any:
        """The same, loaded anew: as an earlier task of this branch left it, or as it was stored."""
        frame = self.frames[level]
        if self.load_item is None or frame.items is None:
            return frame.index
        if CHANGED_ITEMS in self.names():
            changed = self.load(CHANGED_ITEMS)
            if level in changed:
                return changed[level]
        return self.load_item(frame)


def bind(flow: FlowSpec, binding: TaskBinding) -> None:
    """Join ``flow`` to a task. From here on its attributes are the task's artifacts."""
    guard_constants(type(flow), binding.read_only)
    vars(flow)[KEY] = binding


def own_artifacts(flow: FlowSpec) -> dict[str, Any]:
    """Attributes of the instance that are artifacts: all but functions, methods and ``__x`` names.

    Names in the binding's ``loaded`` whose object was replaced without an assignment that the instance saw
    (``vars(self).update(…)``) are taken out of it.
    """
    binding = binding_of(flow)
    found = {
        name: value
        for name, value in vars(flow).items()
        if not name.startswith("__") and not isinstance(value, FunctionType | MethodType)
    }
    if binding is not None:
        binding.loaded.intersection_update(
            [name for name in binding.loaded if name in found and found[name] is binding.originals.get(name)]
        )
    return found
