"""Files have one job and are short."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from support.sources import ROOT, parse, python_files

FILES = python_files("core", "plugins", "scripts", "tests", "benchmarks", "examples")
PRODUCT = [file for file in FILES if "src" in file.parts]

#: Lines that no file may pass, nor any function.
MOST_LINES_OF_A_FILE = 450
MOST_LINES_OF_A_FUNCTION = 80


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_file_is_too_long(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").count("\n")
    assert lines <= MOST_LINES_OF_A_FILE, f"{lines} lines: split it by what it does"


def test_most_files_are_short() -> None:
    sizes = sorted(file.read_text(encoding="utf-8").count("\n") for file in PRODUCT)
    assert sizes[len(sizes) // 2] <= 130
    assert sizes[len(sizes) * 9 // 10] <= 320


@pytest.mark.parametrize("file", PRODUCT, ids=name_of)
def test_no_function_is_too_long(file: Path) -> None:
    functions = (node for node in ast.walk(parse(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    too_long = [one.name for one in functions if (one.end_lineno or 0) - one.lineno >= MOST_LINES_OF_A_FUNCTION]
    assert not too_long
