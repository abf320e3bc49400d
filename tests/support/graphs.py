"""Random valid graphs, for the scheduler alone and as flows that run.

A graph is built from blocks in a row: a plain step; a static split of two or three branches, each a row of blocks; a
foreach over a row of blocks; a switch between rows of blocks; a loop that a switch goes round a given number of times.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from flowkit.model.graph import Graph, Node


@dataclass
class Block:
    """One construct; ``rows`` are its branches."""

    kind: str  # step, split, foreach, switch, loop
    rows: list[list[Block]] = field(default_factory=list)
    #: Items of a foreach, the branch that a switch takes, rounds of a loop.
    number: int = 1


def _blocks(depth: int) -> st.SearchStrategy[Block]:
    step = st.builds(Block, st.just("step"))
    if depth == 0:
        return step
    row = st.lists(_blocks(depth - 1), min_size=1, max_size=2)
    return st.one_of(
        step,
        st.builds(Block, st.just("split"), st.lists(row, min_size=2, max_size=3)),
        st.builds(Block, st.just("foreach"), st.lists(row, min_size=1, max_size=1), st.integers(1, 4)),
        st.builds(Block, st.just("switch"), st.lists(row, min_size=2, max_size=3), st.integers(0, 1)),
        st.builds(Block, st.just("loop"), st.lists(row, min_size=1, max_size=1), st.integers(1, 3)),
    )


def rows(depth: int = 2) -> st.SearchStrategy[list[Block]]:
    """Rows of blocks that make the middle of a flow."""
    return st.lists(_blocks(depth), min_size=0, max_size=3)


@dataclass
class StepPlan:
    """A step of a generated flow: how it goes on."""

    name: str
    kind: str  # linear, split, foreach, switch, end
    out: list[str] = field(default_factory=list)
    is_join: bool = False
    matching_join: str | None = None
    #: As Block.number; for a loop's switch, how many times it goes back (out is [back, on]).
    number: int = 0
    is_loop: bool = False


class Builder:
    """Steps of the flow that a row of blocks makes."""

    def __init__(self) -> None:
        self.steps: dict[str, StepPlan] = {}

    def build(self, row: list[Block]) -> dict[str, StepPlan]:
        """All steps, from ``start`` to ``end``."""
        self._add("end", "end", [])
        first = self._row(row, "end")
        self._add("start", "linear", [first])
        return self.steps

    def _add(self, name: str, kind: str, out: list[str], **more: object) -> StepPlan:
        plan = StepPlan(name, kind, out, **more)  # type: ignore[arg-type]
        self.steps[name] = plan
        return plan

    def _new(self, prefix: str) -> str:
        return f"{prefix}{len(self.steps)}"

    def _row(self, row: list[Block], after: str) -> str:
        """Add the row's steps so that it leads to ``after``; returns its first step."""
        for block in reversed(row):
            after = self._block(block, after)
        return after

    def _block(self, block: Block, after: str) -> str:
        name = self._new(block.kind)
        if block.kind == "step":
            self._add(name, "linear", [after])
        elif block.kind in ("split", "foreach"):
            plan = self._add(name, block.kind, [], number=block.number)
            join = self._new("join")
            self._add(join, "linear", [after], is_join=True)
            # Each branch begins with a step of its own: two branches may not begin with one step.
            plan.out = [self._branch(row, join) for row in block.rows]
            plan.matching_join = join
        elif block.kind == "switch":
            plan = self._add(name, "switch", [], number=block.number)
            plan.out = [self._branch(row, after) for row in block.rows]
        else:
            plan = self._add(name, "switch", [], number=block.number, is_loop=True)
            landing = self._new("landing")
            self._add(landing, "linear", [after])
            back = self._row(block.rows[0], name)
            entry = self._new("entry")
            self._add(entry, "linear", [back])
            plan.out = [entry, landing]
            return entry
        return name

    def _branch(self, row: list[Block], after: str) -> str:
        name = self._new("branch")
        plan = self._add(name, "linear", [])
        plan.out = [self._row(row, after)]
        return name


def to_graph(steps: dict[str, StepPlan]) -> Graph:
    """The graph as the compile step would find it, as far as the scheduler looks at it."""
    types = {"split": "split", "foreach": "foreach", "switch": "split-switch", "end": "end"}
    nodes = {}
    for name, plan in steps.items():
        kind = types.get(plan.kind, "join" if plan.is_join else "start" if name == "start" else "linear")
        nodes[name] = Node(
            name=name,
            type=kind,  # type: ignore[arg-type]
            file="random.py",
            line=1,
            out_funcs=tuple(plan.out),
            in_funcs=tuple(other.name for other in steps.values() if name in other.out),
            num_args=2 if plan.is_join else 1,
            matching_join=plan.matching_join,
        )
    return Graph("RandomFlow", "random.py", nodes, "start", "end")
