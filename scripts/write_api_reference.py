"""Writes docs/reference/api.md from the docstrings of flowkit's public names, and errors.md from its errors.

With --check, fails if one of the files is out of date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reference_text import as_markdown, one_line, write_page

import flowkit
from flowkit import errors, testing

FOLDER = Path(__file__).parent.parent / "docs/reference"

HEAD = """\
# Python API

This page is written by `scripts/write_api_reference.py` from docstrings. These are the names that
`from flowkit import …` gives, and those of `flowkit.testing`; the errors among them are on
[a page of their own](errors.md). Plugins add decorators and modules: `flowkit plugins list` shows them.
"""

ERRORS = """\
# Errors

This page is written by `scripts/write_api_reference.py` from `flowkit/errors.py`.

An error on the command line is one line, its headline and what was wrong, where, and what mends it, and an exit status.
A traceback is shown only of the user's own code, or of FlowKit's with `FLOWKIT_DEBUG=1`. In Python, each is a class of
`flowkit.errors`, based on `FlowkitError`.

| class | headline | exit status | when |
|---|---|---|---|
"""


def api() -> str:
    """The text of the page of names."""
    parts = [HEAD]
    for name in sorted(
        set(flowkit.__all__) - set(errors.__all__) - {"__version__"}, key=lambda one: (one.casefold(), one)
    ):
        parts += section(name, getattr(flowkit, name))
    for name in sorted(testing.__all__, key=str.casefold):
        parts += section(f"testing.{name}", getattr(testing, name))
    return "".join(parts)


def section(name: str, value: Any) -> Iterator[str]:
    """The paragraphs about one name."""
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        documented = isinstance(value, type(flowkit.current)) or type(value).__module__.startswith("flowkit.")
        yield f"\n## {name}\n\n{as_markdown(inspect.getdoc(value) or '') if documented else f'`{value!r}`'}\n"
        if type(value).__module__.startswith("flowkit.authoring.current"):
            yield from members(type(value))
        return
    yield f"\n## {name}\n\n    {name}{signature(value)}\n\n{as_markdown(inspect.getdoc(value) or '')}\n"
    if inspect.isclass(value):
        yield from members(value)


def members(kind: type[Any]) -> Iterator[str]:
    """A list of a class's public properties and methods."""
    found = [line for name in dir(kind) if not name.startswith("_") for line in member(kind, name)]
    if found:
        yield "\n" + "".join(found)


def member(kind: type[Any], name: str) -> Iterator[str]:
    """One line about a property or a method."""
    static = inspect.getattr_static(kind, name)
    doc = inspect.getdoc(static) or ""
    function = getattr(static, "__func__", static)
    if not doc or not str(getattr(function, "__module__", None) or kind.__module__).startswith("flowkit"):
        return
    if inspect.isfunction(function):
        yield f"- `{name}{signature(function, method=True)}`: {one_line(doc)}\n"
    elif isinstance(static, property) or hasattr(static, "func"):
        yield f"- `{name}`: {one_line(doc)}\n"


def signature(value: Any, *, method: bool = False) -> str:
    """The signature without annotations, which the text tells."""
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    shown = [one.replace(annotation=inspect.Parameter.empty) for one in found.parameters.values()]
    text = str(found.replace(parameters=shown[1 if method else 0 :], return_annotation=inspect.Signature.empty))
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def errors_page() -> str:
    """The text of the page of errors."""
    rows = []
    for name in errors.__all__:
        kind = getattr(errors, name)
        exit_code = getattr(kind, "exit_code", "")
        rows.append(f"| `{name}` | {getattr(kind, 'headline', '')} | {exit_code} | {one_line(kind.__doc__ or '')} |\n")
    return ERRORS + "".join(rows)


def main() -> int:
    """Write the pages, or compare them."""
    return max(
        write_page(FOLDER / "api.md", api(), __file__), write_page(FOLDER / "errors.md", errors_page(), __file__)
    )


if __name__ == "__main__":
    sys.exit(main())
