"""What the source of a step says about the steps that follow: its ``self.next``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import attrs

from flowkit.compile.source import FunctionNode

__all__ = ["Fault", "NextStatement", "read_next"]

FORMS = (
    "self.next(self.a), self.next(self.a, self.b), self.next(self.a, foreach='items'), "
    "self.next(self.a, num_parallel=4) or self.next({'x': self.a, 'y': self.b}, condition='name')"
)


@attrs.frozen
class Fault:
    """Something wrong with one step's source."""

    code: str
    message: str
    line: int


@attrs.define
class NextStatement:
    """A step's ``self.next`` as written."""

    #: Whether there is one, valid or not.
    present: bool = False
    line: int = 0
    #: Names of the steps, each once, in the order written.
    steps: list[str] = attrs.field(factory=list)
    foreach: str | None = None
    is_parallel: bool = False
    num_parallel: int | None = None
    condition: str | None = None
    #: From the text of a case to a step.
    cases: dict[str, str] = attrs.field(factory=dict)
    faults: list[Fault] = attrs.field(factory=list)


def read_next(function: FunctionNode, names: Mapping[str, Any]) -> NextStatement:
    """The ``self.next`` of a step.

    Parameters
    ----------
    names
        The function's globals: ``foreach`` and ``condition`` may be given by a constant of the module.
    """
    found = NextStatement(line=function.lineno)
    arguments = [*function.args.posonlyargs, *function.args.args]
    if not arguments:
        return found
    own = arguments[0].arg
    last = function.body[-1]
    tail = last.value if isinstance(last, ast.Expr) and _is_next(last.value, own) else None
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and _is_next(call, own):
            found.present = True
            if call is not tail:
                found.faults.append(Fault("next-not-last", _not_last(last, call), call.lineno))
    if isinstance(tail, ast.Call):
        found.line = tail.lineno
        _Reader(found, own, names).read(tail)
    return found


def _is_next(node: ast.AST, own: str) -> bool:
    return isinstance(node, ast.Call) and _attribute(node.func, own) == "next"


def _attribute(node: ast.AST, own: str) -> str | None:
    """``x`` for ``self.x``."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == own:
        return node.attr
    return None


def _not_last(last: ast.stmt, call: ast.Call) -> str:
    if isinstance(last, ast.Return) and last.value is call:
        return "self.next is returned; write it as the last statement, without return"
    if isinstance(last, ast.If | ast.Match | ast.For | ast.While | ast.Try | ast.With):
        inside = any(node is call for node in ast.walk(last))
        if inside:
            return (
                "self.next stands inside another statement; it must be the last statement of the step. To choose "
                "the next step by a value, write self.next({'a': self.x, 'b': self.y}, condition='name')"
            )
    return "self.next must be the last statement of the step, and be there once"


class _Reader:
    """Takes one call apart."""

    def __init__(self, found: NextStatement, own: str, names: Mapping[str, Any]) -> None:
        self._found = found
        self._own = own
        self._names = names

    def read(self, call: ast.Call) -> None:
        keywords = {word.arg: word.value for word in call.keywords if word.arg is not None}
        for word in call.keywords:
            if word.arg not in ("foreach", "num_parallel", "condition"):
                what = "**" if word.arg is None else f"argument {word.arg!r}"
                self._fault("unknown-argument", f"self.next can't have the {what}; write one of {FORMS}", word.value)
        kinds = [name for name in ("foreach", "num_parallel", "condition") if name in keywords]
        if len(kinds) > 1:
            self._fault("mixed-next", f"{' and '.join(kinds)} can't be given together", call)
        if not call.args:
            self._fault("empty-next", f"self.next names no step; write one of {FORMS}", call)
        elif "condition" in keywords or any(isinstance(argument, ast.Dict) for argument in call.args):
            self._read_switch(call, keywords)
        else:
            self._read_steps(call.args)
        if "foreach" in keywords:
            self._found.foreach = self._name_of_artifact(keywords["foreach"], "foreach")
        if "num_parallel" in keywords:
            self._read_parallel(keywords["num_parallel"])
        if kinds and kinds[0] != "condition" and len(self._found.steps) > 1:
            self._fault("foreach-of-many", f"{kinds[0]} starts tasks of one step, not of {len(call.args)}", call)

    def _read_steps(self, arguments: list[ast.expr]) -> None:
        for argument in arguments:
            name = self._step(argument)
            if name in self._found.steps:
                self._fault("duplicate-step", f"self.next names {name!r} twice", argument)
            elif name is not None:
                self._found.steps.append(name)

    def _read_switch(self, call: ast.Call, keywords: Mapping[str, ast.expr]) -> None:
        cases = call.args[0]
        if len(call.args) != 1 or not isinstance(cases, ast.Dict):
            self._fault(
                "bad-switch", "condition needs one dict of cases: self.next({'a': self.x, …}, condition=…)", call
            )
            return
        if "condition" not in keywords:
            self._fault("bad-switch", "a dict of cases needs condition='name of the artifact that chooses'", call)
        else:
            self._found.condition = self._name_of_artifact(keywords["condition"], "condition")
        if len(cases.keys) < 2:
            self._fault("one-case", "a switch needs at least two cases; with one, write self.next(self.x)", call)
        for key, value in zip(cases.keys, cases.values, strict=True):
            text, name = self._case(key, value), self._step(value)
            if text is not None and text in self._found.cases:
                self._fault("duplicate-case", f"two cases of the switch are {text!r}", value)
            if text is not None and name is not None:
                self._found.cases.setdefault(text, name)
                if name not in self._found.steps:
                    self._found.steps.append(name)

    def _read_parallel(self, value: ast.expr) -> None:
        self._found.is_parallel = True
        if isinstance(value, ast.Constant):
            if not isinstance(value.value, int) or isinstance(value.value, bool) or value.value < 1:
                self._fault("bad-num-parallel", "num_parallel must be a whole number, 1 or more", value)
            else:
                self._found.num_parallel = value.value

    def _step(self, value: ast.expr) -> str | None:
        name = _attribute(value, self._own)
        if name is not None:
            return name
        written = ast.unparse(value)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            mend = f"it takes methods, not texts: write self.{value.value}"
        elif isinstance(value, ast.Starred):
            mend = "the steps must be written out, so that the graph can be read from the source"
        else:
            mend = "it takes methods of the flow, written as self.name"
        self._fault("not-a-step", f"self.next is given {_short(written)}; {mend}", value)
        return None

    def _case(self, key: ast.expr | None, value: ast.expr) -> str | None:
        sign, constant = "", key
        if isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.USub):
            sign, constant = "-", key.operand
        if (
            isinstance(constant, ast.Constant)
            and isinstance(constant.value, str | int | float)
            and (not sign or not isinstance(constant.value, str))
        ):
            return f"{sign}{constant.value}"
        if isinstance(key, ast.Attribute) and (config := _attribute(key.value, self._own)) is not None:
            return f"config:{config}.{key.attr}"
        written = "**" if key is None else _short(ast.unparse(key))
        self._fault(
            "bad-case",
            f"the switch's case {written} must be a text, a number, or a configuration's value (self.config.key)",
            key or value,
        )
        return None

    def _name_of_artifact(self, value: ast.expr, argument: str) -> str | None:
        name = value.value if isinstance(value, ast.Constant) else None
        if isinstance(value, ast.Name):
            name = self._names.get(value.id)
        if isinstance(name, str) and name.isidentifier():
            return name
        attribute = _attribute(value, self._own)
        mend = f"write {argument}={attribute!r}" if attribute else f"write {argument}='name of the artifact'"
        self._fault(
            f"bad-{argument}", f"{argument}={_short(ast.unparse(value))} isn't the name of an artifact; {mend}", value
        )
        return None

    def _fault(self, code: str, message: str, node: ast.expr) -> None:
        self._found.faults.append(Fault(code, message, node.lineno))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
