"""The project's own files, for tests of its architecture."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["CORE", "ROOT", "docstrings", "parse", "python_files", "tracked_files"]

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core/src/flowkit"


def python_files(*folders: str) -> list[Path]:
    """Python files below folders of the project, sorted."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


@cache
def parse(file: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    """The expressions that are docstrings, in which words may be used as examples."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value


@cache
def tracked_files() -> tuple[Path, ...]:
    """Files that are committed or about to be: not those that git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file())
