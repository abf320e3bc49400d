"""Writes docs/reference/hooks.md from the specifications of the hooks. With --check, fails if it is out of date."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from flowkit.kernel.hookspecs import specification_modules
from flowkit.kernel.kinds import KINDS

TARGET = Path(__file__).parent.parent / "docs/reference/hooks.md"

HEAD = """\
# Hooks

This page is written by `scripts/write_hooks_reference.py` from the specifications in `flowkit/kernel/hookspecs/`.
How to write a plugin: [the tutorial](../tutorial/plugin.md).

A plugin is a module with functions that are named for hooks and marked with `@hookimpl` from `flowkit.plugin`. A
function takes the hook's arguments by name, and may leave out those that it doesn't need. Neither hook wrappers nor
`async` functions are taken.

A hook that isn't here is another plugin's, which opened it with `flowkit_add_hookspecs`: implement it with
`@hookimpl(optionalhook=True)`. Where that plugin isn't installed, or is left out by `--no-plugin`, the function is
never called; without `optionalhook` it would be taken for a misspelt one, and your plugin for a broken one. Import what
the other plugin brings in what your providers load, not in the module itself.

Where results are collected, the built-in capabilities come first and then the plugins, in their order: what they say
of each other in `flowkit_before` and `flowkit_after`, else by name. Where the first result wins, plugins are asked in
that order and the built-in answer last.

What is said below of errors holds for `SystemExit` too: no plugin ends a command. An error that nobody foresaw, from
a class or a function that a plugin provides, ends the command with a line that names the plugin, the file and the line.
"""


def reference() -> str:
    """The text of the page."""
    return HEAD + "".join(f"\n{part}\n" for module in specification_modules() for part in sections(module))


def sections(module: ModuleType) -> Iterator[str]:
    """The paragraphs about the hooks of one module."""
    title, _, rest = inspect.cleandoc(module.__doc__ or "").partition(".")
    yield f"## {title}"
    if rest.strip():
        yield plain(rest.strip())
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield f"### {node.name}"
            yield f"```text\n{signature(node)}\n```"
            yield plain(inspect.cleandoc(ast.get_docstring(node) or ""))
            if (kind := KINDS.get(node.name.removeprefix("flowkit_"))) is not None:
                yield about(kind.noun, kind.base, kind.api_version, kind.loads)


def signature(node: ast.FunctionDef) -> str:
    """The function's head as it is written."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    return f"def {node.name}({ast.unparse(node.args)}){returns}"


def about(noun: str, base: str, version: int, loads: str) -> str:
    """What providers of a kind load, and the version of its interface."""
    module, _, name = base.partition(":")
    what = {
        "class": f"a subclass of `{name}` (`{module}`)",
        "command": "a click command",
        "callable": "anything that can be called",
        "module": "a module",
    }[loads]
    return f"Loads {what}. Version {version} of the interface of a {noun}."


def plain(text: str) -> str:
    """A docstring as Markdown: its roles and double backquotes as code."""
    for role in (":class:`", ":attr:`", ":mod:`", ":meth:`"):
        text = text.replace(role, "`")
    return text.replace("``", "`").replace("`~", "`")


def main() -> int:
    """Write the page, or compare it."""
    text = reference()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{TARGET} is out of date: run python scripts/{Path(__file__).name}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
