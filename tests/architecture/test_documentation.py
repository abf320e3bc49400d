"""What is public says what it does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flowkit.kernel.hookspecs import specification_modules
from flowkit.kernel.kinds import KINDS
from support.sources import CORE, ROOT, parse, python_files

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

#: The hooks of the design, one list that is kept by hand so that none is lost.
HOOKS = {
    *(kind.hook for kind in KINDS.values()),
    "flowkit_add_hookspecs",
    "flowkit_check_graph",
    "flowkit_new_run_id",
    "flowkit_run_finished",
    "flowkit_run_started",
    "flowkit_task_event",
    "flowkit_task_scope",
    "flowkit_username",
}


def specifications() -> dict[str, str]:
    """Docstrings by hook."""
    return {
        name: str(value.__doc__)
        for module in specification_modules()
        for name, value in vars(module).items()
        if hasattr(value, "flowkit_spec")
    }


def test_all_hooks_are_specified() -> None:
    assert set(specifications()) == HOOKS
    assert len(KINDS) == 18


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_a_hook_says_when_it_fires_who_calls_it_and_whose_result_counts(hook: str) -> None:
    text = " ".join(specifications()[hook].split())
    when = "Asked " if hook.removeprefix("flowkit_") in KINDS else "Fires "
    assert when in text
    assert "called by " in text or when == "Asked "
    assert any(phrase in text for phrase in ("collected", "first result wins", "Nothing is returned"))


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_a_hook_is_typed(hook: str) -> None:
    for module in specification_modules():
        for node in parse(Path(str(module.__file__))).body:
            if isinstance(node, ast.FunctionDef) and node.name == hook:
                assert node.returns is not None
                assert all(argument.annotation is not None for argument in node.args.args)
                return
    pytest.fail(f"{hook} isn't specified at the top level of a module")


@pytest.mark.parametrize("hook", sorted(HOOKS - {kind.hook for kind in KINDS.values()}))
def test_a_hook_has_a_test(hook: str) -> None:
    tests = "".join(file.read_text() for file in python_files("tests/core/kernel"))
    assert hook in tests


@pytest.mark.parametrize("file", python_files("core/src", "plugins"), ids=lambda file: str(file.relative_to(ROOT)))
def test_what_is_public_has_a_docstring(file: Path) -> None:
    if "tests" in file.parts:
        return
    tree = parse(file)
    assert ast.get_docstring(tree), "the module has none"
    assert not [f"{name} (line {line})" for name, line in undocumented(tree.body, "")]


def undocumented(body: list[ast.stmt], prefix: str) -> list[tuple[str, int]]:
    """Public definitions without a docstring; overloads, setters and protocols' dunders need none."""
    found: list[tuple[str, int]] = []
    for node in body:
        # The tests of a contract are named for what they say.
        if not isinstance(node, Definition) or node.name.startswith(("_", "test_")):
            continue
        marks = {ast.unparse(one).rpartition(".")[2] for one in node.decorator_list}
        if not ast.get_docstring(node) and not marks & {"overload", "setter", "override"}:
            found.append((prefix + node.name, node.lineno))
        if isinstance(node, ast.ClassDef):
            found += undocumented(node.body, f"{node.name}.")
    return found


def test_every_layer_says_what_it_is_for() -> None:
    for package in CORE.glob("*/__init__.py"):
        assert ast.get_docstring(parse(package)), package
