"""The core knows no plugin by name, and reaches upwards in the places named here only."""

from __future__ import annotations

import ast
import importlib
import json
import re
from pathlib import Path

import pytest

from support.sources import CORE, ROOT, docstrings, parse, python_files

#: References to higher layers, by string: file, and what it names. Nowhere else.
UPWARDS = {
    ("authoring/entry.py", "flowkit.cli.main:run_flow"),
    ("authoring/entry.py", "flowkit.task.main:run_flow_task"),
    ("authoring/entry.py", "flowkit.compile.graph_builder:graph_of"),
    ("kernel/discovery.py", "flowkit.builtin"),
}
#: From the lowest up; those on one line don't know each other.
LAYERS = (
    ("user_traceback",),
    ("errors", "ids", "lazy", "version"),
    ("model",),
    ("interfaces",),
    ("settings_table",),
    ("settings",),
    ("kernel",),
    ("authoring",),
    ("compile",),
    ("artifacts",),
    ("datatools",),
    ("packaging",),
    ("engine",),
    ("task",),
    ("client",),
    ("collection",),
    ("cli",),
    ("runner",),
    ("builtin",),
    ("testing",),
    ("plugin", "events", "parameters"),
)
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}
KNOWN_PLUGINS = CORE / "kernel/known_plugins.json"
REFERENCE = re.compile(r"flowkit(\.[a-z_0-9]+)+(:[A-Za-z_]\w*)?")


def strings(file: Path) -> list[str]:
    """String constants of a file that aren't docstrings."""
    tree = parse(file)
    ignored = {id(node) for node in docstrings(tree)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in ignored
    ]


def layer_of(file: Path) -> str:
    return file.relative_to(CORE).parts[0].removesuffix(".py")


def test_every_module_is_in_a_layer() -> None:
    assert {layer_of(file) for file in python_files("core/src")} - {"__init__"} == set(HEIGHT)


def test_references_by_string_go_upwards_where_it_is_known_only() -> None:
    found = {
        (str(file.relative_to(CORE)), text)
        for file in python_files("core/src")
        if layer_of(file) not in ("__init__", "plugin")
        for text in strings(file)
        if REFERENCE.fullmatch(text) and HEIGHT.get(text.split(".")[1].partition(":")[0], -1) > HEIGHT[layer_of(file)]
    }
    assert found == UPWARDS


def test_references_by_string_name_what_is_there() -> None:
    for file in python_files("core/src"):
        for text in strings(file):
            if REFERENCE.fullmatch(text) and text.split(".")[1].partition(":")[0] in HEIGHT:
                module, _, name = text.partition(":")
                if module.count(".") == 1 and not name and not (CORE / module.partition(".")[2]).exists():
                    module, _, name = module.rpartition(".")
                loaded = importlib.import_module(module)
                assert not name or hasattr(loaded, name), f"{file}: {text}"


def known_plugin_words() -> set[str]:
    """Names of distributions, their folders, and all that only plugins provide."""
    words: set[str] = set()
    for distribution, facts in json.loads(KNOWN_PLUGINS.read_text())["distributions"].items():
        words |= {distribution, facts["folder"]}
        words |= {name for kind, names in facts.items() if kind != "folder" for name in names}
    return words


@pytest.mark.parametrize("file", python_files("core/src"), ids=lambda file: str(file.relative_to(ROOT)))
def test_the_core_names_no_plugin(file: Path) -> None:
    """Not in code; a docstring may take one as an example."""
    words = known_plugin_words()
    assert not words & set(strings(file))
    distributions = [word for word in words if word.startswith("flowkit")]
    assert not [text for text in strings(file) if any(word in text for word in distributions)]
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(parse(file))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
    }
    clouds = {"boto3", "botocore", "kubernetes", "azure", "google", "hera", "rattler"}
    assert not {name for name in imported if name in clouds or name.startswith("flowkit_")}


def test_the_file_of_known_plugins_has_names_of_kinds() -> None:
    from flowkit.kernel.kinds import KINDS

    for distribution, facts in json.loads(KNOWN_PLUGINS.read_text())["distributions"].items():
        assert facts["folder"] == distribution.replace("-", "_")
        assert set(facts) - {"folder"} <= set(KINDS)


def test_plugins_do_not_import_each_other() -> None:
    for package in sorted((ROOT / "plugins").glob("*/src/*")):
        others = {path.name for path in (ROOT / "plugins").glob("*/src/*")} - {package.name}
        for file in package.rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert not [name for name in others if re.search(rf"^\s*(from|import) {name}\b", text, re.MULTILINE)]


def test_every_member_of_an_interface_is_read_somewhere() -> None:
    """Whatever an interface lets a plugin say, something heeds. By name alone: a name may be another's, too."""
    files = [file for file in python_files("core/src", "plugins") if file.parent != CORE / "interfaces"]
    nodes = [node for file in files for node in ast.walk(parse(file))]
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    read |= {str(node.value) for node in nodes if isinstance(node, ast.Constant)}  # getattr takes a name
    members: set[tuple[str, str]] = set()
    for file in (CORE / "interfaces").glob("*.py"):
        for kind in (node for node in ast.walk(parse(file)) if isinstance(node, ast.ClassDef)):
            for member in kind.body:
                if isinstance(member, ast.FunctionDef):
                    members.add((kind.name, member.name))
                elif isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                    members.add((kind.name, member.target.id))
    assert len(members) > 100
    assert [member for member in sorted(members) if member[1] not in read] == []
