"""The graph of a flow, as the compile step finds it in the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs

__all__ = ["DecoratorSpec", "Graph", "Node", "NodeType"]

#: How a step passes on: to one step, to several at once, to one of several by a condition, to one step once for each
#: item, or not at all. A step that merges a split is a ``join`` (and can't also split).
NodeType = Literal["start", "linear", "split", "split-switch", "foreach", "join", "end"]


@attrs.frozen
class DecoratorSpec:
    """A decorator as it was written: its name and arguments, not yet resolved to a provider."""

    name: str
    attributes: Mapping[str, Any] = attrs.field(factory=dict)
    #: Where it was written, for messages: ``flow.py:12``, or ``--with``.
    origin: str = ""
    #: Arguments without names; only decorators of the user's own take them.
    args: tuple[Any, ...] = ()
    #: The class of a decorator of the user's own, or the object made of it; None for one that the registry has.
    target: Any = None
    #: Names of the mutators that added it, the last one first; None if its author wrote it where it acts.
    inserted_by: tuple[str, ...] | None = None

    def __str__(self) -> str:
        named = (f"{key}={value!r}" for key, value in self.attributes.items())
        args = ", ".join([*map(repr, self.args), *named])
        return f"@{self.name}({args})" if args else f"@{self.name}"


@attrs.frozen
class Node:
    """One step of a flow."""

    name: str
    type: NodeType
    file: str
    line: int
    out_funcs: tuple[str, ...] = ()
    in_funcs: tuple[str, ...] = ()
    doc: str = ""
    #: 1 for a plain step, 2 for a join: how many arguments the method takes, ``self`` included.
    num_args: int = 1
    foreach_param: str | None = None
    #: ``self.next(..., num_parallel=N)``: a foreach whose tasks run at the same time.
    parallel_foreach: bool = False
    #: The step that a ``num_parallel`` split starts.
    parallel_step: bool = False
    #: Name of the artifact that chooses among ``switch_cases``.
    condition: str | None = None
    #: From the case's literal, as text, to the step that it leads to, in source order.
    switch_cases: Mapping[str, str] = attrs.field(factory=dict)
    #: For a split or foreach: the join that closes it.
    matching_join: str | None = None
    #: Enclosing splits and foreaches, outermost first.
    split_parents: tuple[str, ...] = ()
    is_inside_foreach: bool = False
    decorators: tuple[DecoratorSpec, ...] = ()
    #: Of ``self.next(..., num_parallel=N)``, where the source gives ``N`` as a number.
    num_parallel: int | None = None

    @property
    def is_join(self) -> bool:
        """Whether the step takes ``inputs``."""
        return self.num_args == 2


@attrs.frozen
class Graph:
    """All steps of one flow. Iterating gives nodes in topological order (a loop of switches counts once)."""

    name: str
    file: str
    nodes: Mapping[str, Node]
    start: str
    end: str
    doc: str = ""

    def __getitem__(self, step: str) -> Node:
        return self.nodes[step]

    def __contains__(self, step: object) -> bool:
        return step in self.nodes

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)
