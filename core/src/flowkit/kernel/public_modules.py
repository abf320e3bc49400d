"""Public submodules of ``flowkit`` that plugins bring: ``import flowkit.cards``."""

from __future__ import annotations

from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType

from flowkit.kernel.registry import default_registry
from flowkit.kernel.suggestions import missing_plugin

__all__ = ["ReexportLoader", "find_module"]


class ReexportLoader(Loader):
    """Fills a module with the public names of the one that a provider loads."""

    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Let the import system make the module."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Copy the names, and leave those that are lazy to the source module."""
        source: ModuleType = default_registry().get("modules", self._name)
        names = getattr(source, "__all__", None) or [name for name in vars(source) if not name.startswith("_")]
        for name in names:
            setattr(module, name, getattr(source, name))
        module.__doc__ = source.__doc__
        module.__dict__["__all__"] = list(names)
        module.__dict__["__getattr__"] = lambda name: getattr(source, name)


def find_module(full_name: str) -> ModuleSpec | None:
    """A spec for ``flowkit.NAME`` (which may have dots in it), if a plugin brings it.

    Raises
    ------
    ModuleNotFoundError
        That says what to install, if a distribution is known to bring it.
    """
    name = full_name.partition(".")[2]
    registry = default_registry()
    if name in registry.names("modules"):
        return ModuleSpec(
            full_name, ReexportLoader(name), origin=f"plugin {registry.entry('modules', name).plugin.name}"
        )
    broken = registry.broken()
    if hint := missing_plugin(name, ("modules",), registry.settings.plugin_install, broken, registry.blocked()):
        raise ModuleNotFoundError(f"No module named {full_name!r}: {hint}", name=full_name)
    return None
