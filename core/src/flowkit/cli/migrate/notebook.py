"""Rewrites the code of a notebook: all its cells as one source, for one cell uses what another imports."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import attrs

from flowkit.cli.migrate.names import THEIRS, NameTable
from flowkit.cli.migrate.rewriting import Finding, rewrite

__all__ = ["NotebookCode"]

#: Stands for a line that IPython reads, and Python can't: a magic, or a command of the shell.
_MASK = "pass  # flowkit: line of IPython "
_MAGIC = re.compile(r"[ \t]*(?:[%!?].*|[\w, \t]+=[ \t]*[%!].*|[\w.]+\?\??[ \t]*)")
_MASKED = re.compile(rf"^([ \t]*){re.escape(_MASK)}(\d+)$", re.MULTILINE)
#: Cells whose other lines are Python.
_PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun")
_CELL = "# flowkit: cell "


@attrs.define
class NotebookCode:
    """The code of one notebook. Raises ValueError if ``text`` isn't one."""

    text: str
    _document: dict[str, Any] = attrs.field(init=False)
    _magics: list[str] = attrs.field(factory=list, init=False)
    #: Numbers of the cells that aren't Python, and so stay as they are.
    unread: list[int] = attrs.field(factory=list, init=False)
    #: Numbers of cells, and lines of IPython in them that name Metaflow, and so may have to be changed.
    unchanged: list[tuple[int, str]] = attrs.field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        document = json.loads(self.text)
        if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
            raise ValueError("it has no cells")
        self._document = document

    def rewritten(self, names: NameTable) -> tuple[str, str, str, tuple[Finding, ...]]:
        """The notebook's new text; its code before and after; and what is left to do. Raises as :func:`rewrite`."""
        cells = self._cells()
        before = "".join(f"{_CELL}{number}\n{code}\n" for number, code in cells.items())
        done = rewrite(before.encode(), names)
        after = done.source.decode()
        parts = re.split(rf"^{re.escape(_CELL)}(\d+)\n", after, flags=re.MULTILINE)[1:]
        for number, code in zip(parts[::2], parts[1::2], strict=True):
            if code.removesuffix("\n") != cells[int(number)]:
                self._put(int(number), self._unmasked(code.removesuffix("\n")))
        return self._dumped(), self._unmasked(before), self._unmasked(after), done.findings

    def _cells(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for number, cell in enumerate(self._document["cells"], 1):
            source = cell.get("source", "")
            code = self._masked(source if isinstance(source, str) else "".join(source))
            if cell.get("cell_type") != "code" or code is None:
                continue
            try:
                ast.parse(code)
            except (SyntaxError, ValueError):
                self.unread.append(number)
            else:
                found[number] = code
                lines = [self._magics[int(one[2])].strip() for one in _MASKED.finditer(code)]
                self.unchanged += [(number, line) for line in lines if THEIRS in line.lower()]
        return found

    def _masked(self, source: str) -> str | None:
        lines = source.split("\n")
        first = lines[0].lstrip()
        if first.startswith("%%") and not first.startswith(_PYTHON_CELLS):
            return None
        return "\n".join(self._mask(line) if _MAGIC.fullmatch(line) else line for line in lines)

    def _mask(self, line: str) -> str:
        self._magics.append(line)
        return f"{line[: len(line) - len(line.lstrip())]}{_MASK}{len(self._magics) - 1}"

    def _unmasked(self, code: str) -> str:
        return _MASKED.sub(lambda found: self._magics[int(found[2])], code)

    def _put(self, number: int, code: str) -> None:
        cell = self._document["cells"][number - 1]
        cell["source"] = code if isinstance(cell["source"], str) else code.splitlines(keepends=True)

    def _dumped(self) -> str:
        """As JSON in the form that the file has, as far as that is a common one."""
        end = "\n" if self.text.endswith("\n") else ""
        original = json.loads(self.text)
        for indent in (1, 2, 4, None):
            for is_ascii in (False, True):
                if json.dumps(original, indent=indent, ensure_ascii=is_ascii) + end == self.text:
                    return json.dumps(self._document, indent=indent, ensure_ascii=is_ascii) + end
        return json.dumps(self._document, indent=1, ensure_ascii=False) + end
