"""Rewrites one source: imports of Metaflow's names and what uses them, and variables' names in texts."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import MetadataWrapper, PositionProvider, QualifiedNameProvider, QualifiedNameSource

from flowkit.cli.migrate.names import THEIRS, NameTable
from flowkit.cli.migrate.strings import finding, renamed_variable
from flowkit.errors import InternalError

__all__ = ["Finding", "Rewritten", "rewrite"]


@attrs.frozen(order=True)
class Finding:
    """Something that the user must see to."""

    line: int
    text: str


@attrs.frozen
class Rewritten:
    """The new source, and what is left to do in it."""

    source: bytes
    findings: tuple[Finding, ...]


def rewrite(source: bytes, names: NameTable) -> Rewritten:
    """Rewrite a Python source, with its formatting, its comments and its encoding.

    Raises
    ------
    SyntaxError
        If it isn't Python.
    """
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        # Python's own words name one place, and the right one.
        ast.parse(source)
        raise SyntaxError(error.message, ("", error.raw_line, error.raw_column, None)) from None
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    rewriter = _Rewriter(names, _bound_names(module))
    changed = wrapper.visit(rewriter).bytes
    try:
        ast.parse(changed)
    except (SyntaxError, ValueError) as error:
        raise InternalError(f"what was made of it isn't Python ({error}); nothing is written") from error
    return Rewritten(changed, tuple(sorted(set(rewriter.findings))))


class _Names(cst.CSTVisitor):
    """Names that a source itself uses, but for those that it imports from Metaflow."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:  # noqa: N802
        return not _is_theirs(_dotted(node.module))

    def visit_Attribute(self, node: cst.Attribute) -> bool:  # noqa: N802
        node.value.visit(self)
        return False

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802
        self.found.add(node.value)


def _bound_names(module: cst.Module) -> set[str]:
    visitor = _Names()
    module.visit(visitor)
    return visitor.found


class _Rewriter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider, QualifiedNameProvider)

    def __init__(self, names: NameTable, taken: set[str]) -> None:
        super().__init__()
        self._names = names
        self._taken = taken
        self.findings: list[Finding] = []
        #: Qualified names that are imported under another name than they have: their uses stay as they are.
        self._kept: set[str] = set()
        self._docstrings: set[cst.CSTNode] = set()

    # --- import … ----------------------------------------------------------------------------------------------------

    def visit_Import(self, node: cst.Import) -> bool:  # noqa: N802
        return False

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import:  # noqa: N802
        aliases = []
        for alias in updated_node.names:
            module = _dotted(alias.name)
            if not _is_theirs(module):
                aliases.append(alias)
                continue
            new = self._names.module(module)
            if new is None:
                self._say(original_node, f"FlowKit has no module like {module!r}")
                aliases.append(alias)
            else:
                aliases.append(alias.with_changes(name=_attribute(new)))
        return updated_node.with_changes(names=aliases)

    # --- from … import … ---------------------------------------------------------------------------------------------

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:  # noqa: N802
        return False

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        parts: list[list[cst.BaseSmallStatement]] = []
        for original, updated in zip(original_node.body, updated_node.body, strict=True):
            is_theirs = isinstance(original, cst.ImportFrom) and not original.relative
            if is_theirs and _is_theirs(_dotted(original.module)):  # type: ignore[attr-defined]
                parts.append(list(self._from_import(original)))  # type: ignore[arg-type]
            else:
                parts.append([updated])
        if len(parts) == 1:
            first, *more = parts[0]
            lines = [cst.SimpleStatementLine([one]) for one in more]
            changed = updated_node.with_changes(body=[first])
            return changed if not lines else cst.FlattenSentinel([changed, *lines])
        semicolon = cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))
        body = [one.with_changes(semicolon=semicolon) for part in parts for one in part]
        return updated_node.with_changes(body=[*body[:-1], body[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])

    def _from_import(self, node: cst.ImportFrom) -> Iterable[cst.ImportFrom]:
        """The statement, or several if what it imports is in several places here."""
        module = _dotted(node.module)
        if isinstance(node.names, cst.ImportStar):
            new = self._names.module(module)
            if new is None:
                self._say(node, f"FlowKit has no module like {module!r}")
                return [node]
            self._say(node, f"{new!r} gives what FlowKit has itself to import *, not what plugins bring: name those")
            return [node.with_changes(module=_attribute(new))]
        groups: dict[str, list[cst.ImportAlias]] = {}
        for alias in node.names:
            target, changed = self._alias(module, alias)
            groups.setdefault(target, []).append(changed)
        # The largest keeps the form of the statement, and its comments.
        order = sorted(groups, key=lambda name: -len(groups[name]))
        *others, last = groups[order[0]]
        # The comma after the last one may hold the line break before the parenthesis.
        names = [*others, last.with_changes(comma=node.names[-1].comma)]
        first = node.with_changes(module=_attribute(order[0]), names=names)
        return [first, *(cst.ImportFrom(_attribute(name), _listed(groups[name])) for name in order[1:])]

    def _alias(self, module: str, alias: cst.ImportAlias) -> tuple[str, cst.ImportAlias]:
        name = _dotted(alias.name)
        found = self._names.name(module, name)
        if found is None:
            self._say(alias, f"FlowKit has no {name!r} of {module}: the line still imports it from Metaflow")
            self._kept.add(f"{module}.{name}")
            return module, alias
        if found.note:
            self._say(alias, found.note)
        if found.name == name:
            return found.module, alias
        changed = alias.with_changes(name=cst.Name(found.name))
        if alias.asname is None and found.name in self._taken:
            # The file has something of that name: what it imports keeps the old one.
            self._kept.add(f"{module}.{name}")
            changed = changed.with_changes(asname=cst.AsName(cst.Name(name)))
        return found.module, changed

    # --- what uses them ----------------------------------------------------------------------------------------------

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:  # noqa: N802
        for qualified in self._imported(original_node):
            module, _, name = qualified.rpartition(".")
            if qualified == THEIRS:
                return updated_node.with_changes(value="flowkit") if original_node.value == THEIRS else updated_node
            if original_node.value == name and qualified not in self._kept:
                found = self._names.name(module, name)
                if found is not None:
                    return updated_node.with_changes(value=found.name)
        return updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:  # noqa: N802
        for qualified in self._imported(original_node):
            module, _, name = qualified.rpartition(".")
            if self._names.module(module) is None:
                continue
            found = self._names.name(module, name)
            if found is None:
                self._say(original_node, f"FlowKit has no {name!r} of {module}")
            elif found.module != self._names.module(module):
                self._say(original_node, f"{module}.{name} is {found.module}.{found.name} here: import it from there")
            else:
                if found.note:
                    self._say(original_node, found.note)
                return updated_node.with_changes(attr=updated_node.attr.with_changes(value=found.name))
        return updated_node

    def visit_Attribute(self, node: cst.Attribute) -> None:  # noqa: N802
        # The name after the dot is no use of a name of its own.
        self._skipped.add(node.attr)

    def visit_Arg(self, node: cst.Arg) -> None:  # noqa: N802
        if node.keyword is not None:
            self._skipped.add(node.keyword)

    def _imported(self, node: cst.CSTNode) -> list[str]:
        if node in self._skipped:
            return []
        found: Any = self.get_metadata(QualifiedNameProvider, node, set())
        names = [one.name for one in found if one.source is QualifiedNameSource.IMPORT]
        return [name for name in names if _is_theirs(name)]

    # --- texts -------------------------------------------------------------------------------------------------------

    def visit_Module(self, node: cst.Module) -> None:  # noqa: N802
        self._skipped: set[cst.CSTNode] = set()
        self._note_docstring(node.body)

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:  # noqa: N802
        self._note_docstring(node.body)

    def _note_docstring(self, body: Sequence[cst.CSTNode]) -> None:
        first = body[0] if body else None
        if isinstance(first, cst.SimpleStatementLine) and isinstance(first.body[0], cst.Expr):
            self._docstrings.add(first.body[0].value)

    def leave_SimpleString(  # noqa: N802
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        value = original_node.evaluated_value
        if not isinstance(value, str) or original_node in self._docstrings:
            return updated_node
        if (new := renamed_variable(value)) is not None and value in original_node.value:
            return updated_node.with_changes(value=original_node.value.replace(value, new))
        if (text := finding(value)) is not None:
            self._say(original_node, text)
        return updated_node

    def leave_FormattedStringText(  # noqa: N802
        self, original_node: cst.FormattedStringText, updated_node: cst.FormattedStringText
    ) -> cst.FormattedStringText:
        if (text := finding(original_node.value)) is not None:
            self._say(original_node, text)
        return updated_node

    def _say(self, node: cst.CSTNode, text: str) -> None:
        position: Any = self.get_metadata(PositionProvider, node)
        self.findings.append(Finding(position.start.line, text))


def _is_theirs(name: str) -> bool:
    return name == THEIRS or name.startswith(f"{THEIRS}.")


def _dotted(node: cst.CSTNode | None) -> str:
    return (get_full_name_for_node(node) if node is not None else None) or ""


def _attribute(dotted: str) -> Any:
    first, *rest = dotted.split(".")
    node: cst.Name | cst.Attribute = cst.Name(first)
    for name in rest:
        node = cst.Attribute(node, cst.Name(name))
    return node


def _listed(aliases: list[cst.ImportAlias]) -> list[cst.ImportAlias]:
    comma: Any = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    *others, last = aliases
    return [*(one.with_changes(comma=comma) for one in others), last.with_changes(comma=cst.MaybeSentinel.DEFAULT)]
