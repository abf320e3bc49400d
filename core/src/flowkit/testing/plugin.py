"""The contract of plugins themselves, as tests that a plugin's author inherits.

::

    class TestPlugin(PluginContract):
        module = "flowkit_redis.plugin"

The plugin needn't be installed, only be importable; if it is, it is tested as it is installed.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import ClassVar

import pytest

from flowkit.cli.flow_group import option_names
from flowkit.cli.options import flow_options
from flowkit.kernel.distributions import find_plugins
from flowkit.kernel.kinds import kind_of
from flowkit.kernel.plugin_info import BrokenPlugin, Entry, PluginInfo
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings

__all__ = ["HEAVY_MODULES", "PluginContract"]

#: What no plugin may import before one of its capabilities is used. SDKs that it depends on are found by comparison.
HEAVY_MODULES = frozenset({"asyncio", "numpy", "pandas", "polars", "pyarrow", "rich", "sqlite3", "torch", "zstandard"})

#: Characters that mean something in URLs, pathspecs, ``--with`` and shells.
_SPECIAL = frozenset(" \t\n/\\:=,@'\"$`")

#: Prints the modules that importing the plugin, registering it and listing what it offers brings in.
_PROGRAM = """
import importlib, json, sys
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
import flowkit.plugin
module = sys.argv[1]
if module == "flowkit.builtin":
    before = set(sys.modules)
    registry = Registry.discover(Settings.load({"FLOWKIT_PLUGINS": "-"}, "/"))
else:
    Registry.discover(Settings.load({"FLOWKIT_PLUGINS": "-"}, "/")).plugins()
    before = set(sys.modules)
    plugin = importlib.import_module(module)
    registry = Registry.discover(Settings.load({"FLOWKIT_PLUGINS": module}, "/"), extra_modules=[plugin])
for plugin in registry.plugins():
    if hasattr(plugin, "cause"):
        sys.exit(plugin.cause)
print(json.dumps(sorted(set(sys.modules) - before)))
"""


class PluginContract:
    """Inherit, and set ``module``."""

    #: The module that the entry point names.
    module: ClassVar[str]
    #: Packages of others that the plugin's module may import, besides its own and light ones of Python.
    light_modules: ClassVar[Sequence[str]] = ()
    #: Capabilities, as ``kind name``, that can't be loaded where the tests run.
    not_loadable: ClassVar[Sequence[str]] = ()

    # --- fixtures --------------------------------------------------------------------------------------------------

    @pytest.fixture
    def registry(self) -> Registry:
        """The plugins of this interpreter, with this one."""
        installed = any(found.module == self.module for found in find_plugins()) or self._is_builtin()
        return Registry.discover(Settings.load({}), extra_modules=[] if installed else [self.module])

    @pytest.fixture
    def info(self, registry: Registry) -> PluginInfo:
        """The plugin, which must not be broken."""
        wrong = [one for one in registry.plugins() if isinstance(one, BrokenPlugin) and self._is(one.found.module)]
        assert not wrong, f"{wrong[0].cause}; {wrong[0].mend}"
        return next(one for one in registry.plugins() if isinstance(one, PluginInfo) and self._is(one.found.module))

    @pytest.fixture
    def entries(self, registry: Registry, info: PluginInfo) -> list[tuple[str, Entry]]:
        """Kind and provider of all that it offers."""
        return [
            (kind, entry)
            for kind in registry.kinds()
            for entry in registry.providers(kind)
            if entry.plugin == info.found
        ]

    # --- tests -----------------------------------------------------------------------------------------------------

    def test_its_hooks_match_the_specifications(self, info: PluginInfo) -> None:
        """By name and by arguments; each function named for a hook is marked. Discovery checks that."""
        implemented = _implementations(info.module)
        assert implemented, f"{self.module} has no function marked with @hookimpl"
        unmarked = [
            name
            for name, value in vars(info.module).items()
            if name.startswith("flowkit_") and inspect.isfunction(value) and name not in implemented
        ]
        assert not unmarked, f"not marked with @hookimpl: {', '.join(unmarked)}"

    def test_it_offers_something(self, registry: Registry, info: PluginInfo, entries: list[tuple[str, Entry]]) -> None:
        """A capability, or a hook that is called."""
        assert entries or registry.hooks_of(info.name)

    def test_what_it_provides_loads(self, registry: Registry, entries: list[tuple[str, Entry]]) -> None:
        """And is what its kind needs: a class with all methods, a command, a module."""
        for kind, entry in entries:
            if f"{kind} {entry.name}" not in self.not_loadable:
                registry.load(kind, entry)

    def test_api_versions_are_those_of_this_flowkit(self, registry: Registry, entries: list[tuple[str, Entry]]) -> None:
        """A provider says which version of its kind's interface it was written for, and its class says the same."""
        for kind, entry in entries:
            facts = kind_of(kind)
            version = entry.provider.api_version
            assert facts.oldest_api_version <= version <= facts.api_version, f"{kind} {entry.name}: version {version}"
            if facts.loads == "class" and f"{kind} {entry.name}" not in self.not_loadable:
                loaded = registry.load(kind, entry)
                assert loaded.api_version == version, f"{kind} {entry.name}: its class states {loaded.api_version}"

    def test_what_it_provides_is_called_what_its_class_is(
        self, registry: Registry, entries: list[tuple[str, Entry]]
    ) -> None:
        """The class's ``name`` is recorded in runs, and looked up again by the provider's."""
        for kind, entry in entries:
            if kind_of(kind).loads == "class" and f"{kind} {entry.name}" not in self.not_loadable:
                assert registry.load(kind, entry).name == entry.name, f"{kind} {entry.name}"

    def test_its_names_are_its_own(self, registry: Registry, entries: list[tuple[str, Entry]]) -> None:
        """Neither the core nor another installed plugin claims one of them, nor does it claim one twice."""
        collisions = registry.collisions()
        for kind, entry in entries:
            wrong = [text for text in collisions if text.startswith(f"the {kind_of(kind).noun} {entry.name!r} ")]
            assert not wrong, wrong[0]

    def test_options_of_its_flow_decorators_replace_none(
        self, registry: Registry, entries: list[tuple[str, Entry]]
    ) -> None:
        """Neither one of every flow's command line nor one of another flow decorator's."""
        claimed = {name: "FlowKit" for option in flow_options() for name in option_names(option)}
        decorators = [entry for kind, entry in entries if kind == "flow_decorators"]
        others = [entry for entry in registry.providers("flow_decorators") if entry not in decorators]
        for entry in [*others, *decorators]:
            if f"flow_decorators {entry.name}" in self.not_loadable:
                continue
            options = list(registry.load("flow_decorators", entry).options())
            for name in (name for option in options for name in option_names(option)):
                assert entry in others or name not in claimed, f"@{entry.name}: {name} is an option of {claimed[name]}"
            claimed |= {name: f"@{entry.name}" for option in options for name in option_names(option)}

    def test_its_names_can_be_written(self, entries: list[tuple[str, Entry]]) -> None:
        """On a command line, in a URL, and decorators' names in Python."""
        for kind, entry in entries:
            wrong = sorted(set(entry.name) & _SPECIAL)
            assert not wrong, f"{kind} {entry.name!r} has {wrong[0]!r} in it"
            if kind in ("step_decorators", "flow_decorators"):
                assert entry.name.isidentifier(), f"{kind} {entry.name!r} can't be imported from flowkit"

    def test_help_is_one_line(self, entries: list[tuple[str, Entry]]) -> None:
        """Lists show it."""
        for kind, entry in entries:
            assert entry.provider.help.strip(), f"{kind} {entry.name} has no help"
            assert "\n" not in entry.provider.help, f"{kind} {entry.name}: {entry.provider.help!r}"

    def test_registering_it_imports_nothing_heavy(self) -> None:
        """Its module is imported at every start: with all that it lists, it loads itself only.

        Seen in a fresh interpreter; what the core has loaded by then doesn't count.
        """
        command = [sys.executable, "-c", _PROGRAM, self.module]
        done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        loaded = set(json.loads(done.stdout.splitlines()[-1]))
        own = {"flowkit", self.module.partition(".")[0], *self.light_modules, *sys.stdlib_module_names}
        wrong = sorted(name for name in loaded if name.partition(".")[0] not in own or name in HEAVY_MODULES)
        assert not wrong, f"importing {self.module} imports {', '.join(wrong)}: do that in what providers load"

    # --- how -------------------------------------------------------------------------------------------------------

    def _is(self, module: str) -> bool:
        return module == self.module

    def _is_builtin(self) -> bool:
        return self.module == "flowkit.builtin"


def _implementations(module: ModuleType) -> list[str]:
    return [
        name for name, value in vars(module).items() if inspect.isfunction(value) and hasattr(value, "flowkit_impl")
    ]


def _environment() -> dict[str, str]:
    """Ours, without configuration, and with the path on which this process finds modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLOWKIT_", "PYTHON"))}
    return {**kept, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
