"""What can be imported from ``flowkit`` and ``flowkit.plugin``, and what that costs."""

from __future__ import annotations

import ast
import importlib
import re
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

import flowkit
import flowkit.plugin
from support.distributions import PREAMBLE, Site
from support.project import Project

DECORATOR = """
class Announce(StepDecorator):
    name = "announce"
    defaults = {"greeting": "hello"}

class Owner(FlowDecorator):
    name = "owner"
    defaults = {"who": None}

@hookimpl
def flowkit_step_decorators():
    yield Provider("announce", lambda: Announce)

@hookimpl
def flowkit_flow_decorators():
    yield Provider("owner", lambda: Owner)
"""


@pytest.mark.parametrize("module", ["flowkit", "flowkit.plugin"])
def test_every_name_that_is_offered_is_there(module: str) -> None:
    facade = importlib.import_module(module)
    for name in facade.__all__:
        assert getattr(facade, name) is not None
        assert name in dir(facade)
    assert set(facade._NAMES) == set(facade.__all__) - {"__version__"}
    # Constants, then classes, then functions, each by name.
    assert facade.__all__ == sorted(facade.__all__, key=lambda name: (not name.isupper(), name))


@pytest.mark.parametrize("module", ["flowkit", "flowkit.plugin"])
def test_type_checkers_see_the_same_names(module: str) -> None:
    """The imports for type checkers and the table for run time name the same objects of the same modules."""
    facade = importlib.import_module(module)
    tree = ast.parse(Path(str(facade.__file__)).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and isinstance(node.test, ast.Name))
    imported = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("flowkit.")
        for alias in node.names
    }
    assert imported == facade._NAMES


def loaded(project: Project, program: str) -> set[str]:
    end = "\nimport sys; print(*sys.modules)"
    output = project.python("-c", textwrap.dedent(program) + end, check=True).stdout
    return set(output.splitlines()[-1].split())


def test_importing_flowkit_loads_next_to_nothing(project: Project, site: Site) -> None:
    site.plugin("watch", "raise SystemExit('a plugin was imported')")
    project.environment["PYTHONPATH"] = str(site.folder)
    modules = loaded(project, "import flowkit")
    assert not modules & {"attr", "attrs", "pluggy", "click", "rich", "json", "inspect", "asyncio", "sqlite3"}
    assert {name for name in modules if name.startswith("flowkit")} == {"flowkit", "flowkit.lazy", "flowkit.version"}
    assert not {name for name in modules if name.startswith("plugin_")}


def test_importing_what_a_flow_needs_loads_no_plugin(project: Project, site: Site) -> None:
    site.plugin("watch", "raise SystemExit('a plugin was imported')")
    project.environment["PYTHONPATH"] = str(site.folder)
    modules = loaded(project, "from flowkit import FlowSpec, step, Parameter, retry, current")
    assert not modules & {"pluggy", "click", "rich", "sqlite3", "asyncio", "numpy", "pandas", "plugin_watch"}


def test_decorators_of_plugins_are_imported_from_flowkit(project: Project) -> None:
    project.write("flowkit_plugins.py", PREAMBLE + DECORATOR)
    project.write(
        "flow.py",
        """
        from flowkit import announce, owner
        import flowkit
        assert flowkit.announce is announce

        @announce(greeting="hi")
        def f(self): ...

        print(*f.__flowkit_decorators__)
        print(callable(owner), hasattr(flowkit, "anounce"))
        """,
    )
    assert project.run(check=True).stdout.splitlines() == ["@announce(greeting='hi')", "True False"]


@pytest.mark.parametrize(
    ("statement", "error", "text"),
    [
        ("from flowkit import card", ImportError, "it comes with flowkit-cards, which isn't installed: pip install"),
        ("import flowkit; flowkit.card", AttributeError, "it comes with flowkit-cards, which isn't installed"),
        ("from flowkit import FlowSpek", ImportError, "did you mean 'FlowSpec'"),
        ("from flowkit import retri", ImportError, "did you mean 'retry'"),
        ("import flowkit.cards", ModuleNotFoundError, "it comes with flowkit-cards, which isn't installed"),
        ("from flowkit.cards import X", ModuleNotFoundError, "it comes with flowkit-cards, which isn't installed"),
        ("from flowkit import cards", ImportError, "it comes with flowkit-cards, which isn't installed"),
        ("import flowkit.nonsense", ModuleNotFoundError, "No module named 'flowkit.nonsense'"),
        ("import flowkit; flowkit._nonsense", AttributeError, "no attribute '_nonsense'"),
        ("import flowkit.plugin; flowkit.plugin.Stor", AttributeError, "it offers: A"),
    ],
)
@pytest.mark.usefixtures("only_our_plugins")
def test_a_name_that_is_not_there_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, statement: str, error: type[Exception], text: str
) -> None:
    monkeypatch.delattr(flowkit, "card", raising=False)
    monkeypatch.delattr(flowkit, "cards", raising=False)
    monkeypatch.delitem(sys.modules, "flowkit.cards", raising=False)
    with pytest.raises(error, match=re.escape(text)) as caught:
        exec(statement, {})
    assert type(caught.value) is error


def test_a_broken_plugin_is_a_suspect_for_a_missing_name(project: Project) -> None:
    project.write("flowkit_plugins.py", "1 / 0")
    project.write("flow.py", "from flowkit import gizmo")
    assert "flowkit_plugins (broken: " in project.run().stderr


def test_submodules_are_there_without_an_import(project: Project) -> None:
    program = "import flowkit; print(flowkit.errors.FlowkitError is flowkit.FlowkitError, hasattr(flowkit, 'none'))"
    assert project.python("-c", program, check=True).stdout.strip() == "True False"


@pytest.mark.usefixtures("only_our_plugins")
def test_asking_whether_a_module_is_there_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(flowkit, "cards", raising=False)
    monkeypatch.delitem(sys.modules, "flowkit.cards", raising=False)
    assert not hasattr(flowkit, "cards")


def test_a_plugin_brings_a_module_of_flowkit(project: Project) -> None:
    project.write("things.py", '"""Things."""\n__all__ = ["Thing"]\nclass Thing: ...\nHIDDEN = 1\n')
    project.write(
        "flowkit_plugins.py",
        """
        from flowkit.plugin import Provider, hookimpl
        @hookimpl
        def flowkit_modules():
            yield Provider("gadgets", lambda: __import__("things"))
        """,
    )
    project.write(
        "flow.py",
        """
        import sys
        from flowkit.kernel.registry import default_registry
        default_registry().names("modules")
        assert "things" not in sys.modules
        from flowkit.gadgets import Thing
        import flowkit.gadgets, things
        assert Thing is things.Thing and flowkit.gadgets.HIDDEN == 1
        print(flowkit.gadgets.__doc__, flowkit.gadgets.__all__)
        """,
    )
    assert project.run(check=True).stdout == "Things. ['Thing']\n"


def test_the_tutorial_of_plugins_is_right() -> None:
    """The pieces of the docstring parse, and name what exists."""
    text = str(flowkit.plugin.__doc__)
    blocks = [textwrap.dedent(block) for block in re.findall(r"::\n\n((?:(?: {4}.*)?\n)+)", text)]
    toml, hooks, decorator = blocks
    project = tomllib.loads(toml)["project"]
    assert project["entry-points"] == {"flowkit": {"redis": "flowkit_redis.plugin"}}
    assert "flowkit>=2" in project["dependencies"]
    for source in (hooks, decorator):
        names = {
            alias.name
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.ImportFrom) and node.module == "flowkit.plugin"
            for alias in node.names
        }
        assert names
        assert names <= set(flowkit.plugin.__all__)
        exec(compile(source, "tutorial", "exec"), {"__name__": "tutorial"})


def test_the_version_is_that_of_the_distribution() -> None:
    import importlib_metadata

    assert flowkit.__version__ == importlib_metadata.version("flowkit")


def test_submodules_that_have_counterparts_in_metaflow() -> None:
    import flowkit
    from flowkit.events import Trigger
    from flowkit.parameters import JSONType, Parameter, ParameterContext

    assert (Parameter, JSONType) == (flowkit.Parameter, flowkit.JSONType)
    assert {ParameterContext.__name__, Trigger.__name__} == {"ParameterContext", "Trigger"}
