"""The files of ``flowkit-stubs``: one for ``flowkit`` itself, one for each public submodule that a plugin brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import attrs

import flowkit
from flowkit.cli.stubs.decorators import decorator_stub
from flowkit.errors import FlowkitError
from flowkit.kernel.plugin_info import Entry
from flowkit.kernel.registry import Registry

__all__ = ["HEADER", "StubPackage", "make_stubs"]

#: First line of each file.
HEADER = "# Written by 'flowkit stubs', of the plugins that were installed then."
#: The plugin whose names type checkers find in FlowKit itself.
_BUILTIN = "builtin"


@attrs.frozen
class StubPackage:
    """Texts of files by their paths in ``flowkit-stubs``."""

    files: Mapping[str, str]
    #: Names of the plugins that it is about.
    plugins: tuple[str, ...]
    #: What couldn't be loaded, so that nothing is known of it: lines for the user.
    unknown: tuple[str, ...] = ()


def make_stubs(registry: Registry) -> StubPackage:
    """The files, for the plugins of the registry. Loads decorators and modules that they offer."""
    maker = _Maker(registry)
    files = {"py.typed": "partial\n", "__init__.pyi": maker.top(), **maker.modules()}
    return StubPackage(files, tuple(sorted(maker.plugins)), tuple(maker.unknown))


class _Maker:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.plugins: set[str] = set()
        self.unknown: list[str] = []

    def top(self) -> str:
        """``flowkit/__init__.pyi``: the core's names as they are, and the plugins'."""
        by_module: dict[str, list[str]] = {}
        for name, module in sorted(flowkit._NAMES.items()):
            if name != "current":
                by_module.setdefault(module, []).append(name)
        lines = [HEADER, "from collections.abc import Callable", "from typing import Any, TypeVar, overload", ""]
        for module, names in sorted(by_module.items()):
            lines.append(_import(module, names))
        added = [*self._decorators(), *self._exports()]
        lines += [
            "from flowkit.authoring.current import Current as _Current",
            "",
            "_StepFunction = TypeVar('_StepFunction', bound=Callable[..., Any])",
            "_FlowClass = TypeVar('_FlowClass', bound=type[Any])",
            "",
            "__version__: str",
            "",
            *self._current(),
            "",
            *added,
        ]
        return "\n".join(lines).rstrip() + "\n"

    def modules(self) -> Mapping[str, str]:
        """Public submodules, by path; a folder has a file of its own, too."""
        found: dict[str, str] = {}
        # Those of FlowKit itself, too: beside stubs, pyright doesn't look at stub files of the package itself.
        entries = self._registry.providers("modules")
        names = [entry.provider.name for entry in entries]
        for entry in entries:
            name = entry.provider.name
            module = self._load("modules", entry)
            if module is None:
                continue
            *folders, last = name.split(".")
            is_folder = any(other.startswith(f"{name}.") for other in names)
            path = "/".join([*folders, last, "__init__.pyi"] if is_folder else [*folders, f"{last}.pyi"])
            found[path] = _module_text(module)
            for depth in range(1, len(folders) + 1):
                found.setdefault("/".join([*folders[:depth], "__init__.pyi"]), _folder_text(".".join(folders[:depth])))
        return found

    def _decorators(self) -> Iterator[str]:
        for kind, bound in (("step_decorators", "_StepFunction"), ("flow_decorators", "_FlowClass")):
            for entry in self._entries(kind):
                if entry.provider.name not in flowkit._NAMES:
                    loaded = self._load(kind, entry)
                    yield decorator_stub(entry.provider.name, loaded, entry.plugin.module, bound)

    def _exports(self) -> Iterator[str]:
        if "exports" not in self._registry.kinds():
            return
        for entry in self._entries("exports"):
            name = entry.provider.name
            loaded = self._load("exports", entry)
            module, own = getattr(loaded, "__module__", None), getattr(loaded, "__qualname__", "")
            yield f"from {module} import {own} as {name}" if module and own.isidentifier() else f"{name}: Any"

    def _current(self) -> list[str]:
        """``current``, with what decorators say that they add to it."""
        imports, names = [], []
        for kind in ("step_decorators", "flow_decorators"):
            for entry in self._entries(kind):
                loaded = self._load(kind, entry, is_quiet=True)
                for name, dotted in dict(getattr(loaded, "current_names", {})).items():
                    module, _, own = dotted.rpartition(".")
                    imports.append(f"import {module}" if module else "")
                    names.append(f"    {name}: {dotted if module else own}")
        if not names:
            return ["current: _Current"]
        return [
            *sorted({*imports} - {""}),
            "",
            "class _PluginsCurrent(_Current):",
            *names,
            "",
            "current: _PluginsCurrent",
        ]

    def _entries(self, kind: str) -> list[Entry]:
        return [entry for entry in self._registry.providers(kind) if entry.plugin.name != _BUILTIN]

    def _load(self, kind: str, entry: Entry, *, is_quiet: bool = False) -> Any:
        if entry.plugin.name != _BUILTIN:
            self.plugins.add(entry.plugin.name)
        try:
            return self._registry.load(kind, entry)
        except FlowkitError as error:
            if not is_quiet:
                self.unknown.append(f"{entry.provider.name} of plugin {entry.plugin.name}: {error.message}")
            return None


def _module_text(source: ModuleType) -> str:
    names = getattr(source, "__all__", None) or [name for name in vars(source) if not name.startswith("_")]
    text = "\n".join([_import(source.__name__, sorted(names)), "", f"__all__ = {sorted(names)!r}"])
    return f"{HEADER}\n{text}\n"


def _folder_text(name: str) -> str:
    """The file of a folder: where FlowKit itself has a package of that name, its public names are in it still."""
    from importlib import import_module

    lines = [HEADER, "from typing import Any", ""]
    try:
        package: ModuleType | None = import_module(f"flowkit.{name}")
    except ModuleNotFoundError:
        package = None
    for public in getattr(package, "__all__", ()):
        home = getattr(getattr(package, public), "__module__", None)
        lines.append(f"from {home} import {public} as {public}" if home else f"{public}: Any")
    return "\n".join(lines) + "\n"


def _import(module: str, names: list[str]) -> str:
    # "as" is how a stub says that a name is its own, too.
    inner = "".join(f"    {name} as {name},\n" for name in names)
    return f"from {module} import (\n{inner})"
