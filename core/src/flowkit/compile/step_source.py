"""One step: what its function and its source say, before the graph is known as a whole."""

from __future__ import annotations

from typing import Any

import attrs

from flowkit.authoring.decorators import step_decorators_of
from flowkit.authoring.step import StepMark, mark_of
from flowkit.compile.next_statement import Fault, NextStatement, read_next
from flowkit.compile.source import source_of, unwrap
from flowkit.model.graph import Node, NodeType
from flowkit.model.problem import Problem

__all__ = ["StepSource", "read_step"]

_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200


@attrs.frozen
class StepSource:
    """A step by itself: a node with its way out, and no way in."""

    node: Node
    mark: StepMark
    next: NextStatement
    has_source: bool
    problems: tuple[Problem, ...]


def read_step(name: str, function: Any) -> StepSource:
    """Read one step of a flow."""
    original = unwrap(function)
    code = getattr(original, "__code__", None)
    if code is None:
        problem = Problem(
            f"step {name!r}: {original!r} isn't a function; @step decorates a method", "", 0, name, "not-a-function"
        )
        return StepSource(
            Node(name, "linear", "", 0), mark_of(function) or StepMark(), NextStatement(), False, (problem,)
        )
    source = source_of(original)
    statement = NextStatement() if source is None else read_next(source.node, original.__globals__)
    line = code.co_firstlineno if source is None else source.node.lineno
    node = Node(
        name=name,
        type=_type_of(statement, code.co_argcount),
        file=code.co_filename,
        line=line,
        out_funcs=tuple(statement.steps),
        doc=clean_doc(original.__doc__),
        num_args=code.co_argcount,
        foreach_param=statement.foreach,
        parallel_foreach=statement.is_parallel,
        num_parallel=statement.num_parallel,
        condition=statement.condition,
        switch_cases=dict(statement.cases),
        decorators=step_decorators_of(function),
    )
    faults = [*statement.faults, *_signature_faults(code, line)]
    problems = tuple(Problem(f"step {name!r}: {one.message}", node.file, one.line, name, one.code) for one in faults)
    return StepSource(node, mark_of(function) or StepMark(), statement, source is not None, problems)


def _type_of(statement: NextStatement, num_args: int) -> NodeType:
    if statement.condition is not None or statement.cases:
        return "split-switch"
    if statement.foreach is not None or statement.is_parallel:
        return "foreach"
    if len(statement.steps) > 1:
        return "split"
    return "join" if num_args == 2 else "linear"


def _signature_faults(code: Any, line: int) -> list[Fault]:
    faults = []
    if code.co_flags & (_GENERATOR | _COROUTINE | _ASYNC_GENERATOR):
        faults.append(Fault("not-a-function", "a step can't be async, nor have yield; its body would never run", line))
    if code.co_argcount == 0:
        faults.append(Fault("bad-arguments", "it takes no arguments; a step takes self, a join self and inputs", line))
    elif code.co_argcount > 2 or code.co_kwonlyargcount:
        names = ", ".join(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
        faults.append(
            Fault("bad-arguments", f"it takes ({names}); a step takes self, and a join self and inputs", line)
        )
    return faults


def clean_doc(doc: str | None) -> str:
    """A docstring without its common indentation."""
    if not doc:
        return ""
    first, *rest = doc.expandtabs().splitlines()
    indents = [len(line) - len(line.lstrip()) for line in rest if line.strip()]
    margin = min(indents, default=0)
    return "\n".join([first.strip(), *(line[margin:].rstrip() for line in rest)]).strip()
