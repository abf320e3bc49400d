"""Finding, importing, checking, ordering and registering plugins.

pluggy's own loader isn't used: it passes over a second distribution that has a taken name in silence, and an error in
one plugin's import ends the host. Here each plugin is dealt with by itself, and what is wrong with one is kept as a
:class:`~flowkit.kernel.plugin_info.BrokenPlugin`.

A plugin's module may say where it stands among the others, by their names::

    flowkit_before = ("audit",)
    flowkit_after = ("aws", "k8s")

Plugins are asked in that order (the built-in capabilities first where results are collected, last where the first
result wins); where nothing is said, by name.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

import attrs
from pluggy import PluginManager

from flowkit.errors import ConfigurationError, PluginError
from flowkit.kernel.distributions import find_plugins, normalize
from flowkit.kernel.hookspecs import specification_modules
from flowkit.kernel.markers import PROJECT
from flowkit.kernel.ordering import OrderCycle, in_order
from flowkit.kernel.plugin_info import BlockedPlugin, BrokenPlugin, FoundPlugin, PluginInfo
from flowkit.kernel.validation import Fault, check_module
from flowkit.settings import Settings
from flowkit.version import __version__

if TYPE_CHECKING:
    from flowkit.kernel.tracing import Tracer

__all__ = ["BUILTIN", "LOCAL_MODULE", "Discovered", "HookspecManager", "discover", "plugin_file"]

#: The default plugins. A string: nothing imports them but this module, by name.
BUILTIN = "flowkit.builtin"
#: A file of this name beside a flow is a plugin.
LOCAL_MODULE = "flowkit_plugins"

#: A module's name, a module, or a file.
PluginSource = str | ModuleType | Path


class HookspecManager(Protocol):
    """What ``flowkit_add_hookspecs`` is given."""

    def add_hookspecs(self, module_or_class: object) -> None:
        """Open the hooks that are specified there with ``hookspec``."""


@attrs.frozen
class Discovered:
    """All plugins, and the manager in which the usable ones are registered."""

    manager: PluginManager
    #: Built-ins first, then in order.
    plugins: tuple[PluginInfo, ...]
    broken: tuple[BrokenPlugin, ...]
    blocked: tuple[BlockedPlugin, ...]
    #: None unless the settings ask for a trace.
    tracer: Tracer | None = None


def plugin_file(folder: Path | str) -> Path | None:
    """The file ``flowkit_plugins.py`` in ``folder``, if there is one."""
    path = Path(folder) / f"{LOCAL_MODULE}.py"
    return path if path.is_file() else None


def discover(settings: Settings, block: Iterable[str] = (), extra_modules: Iterable[PluginSource] = ()) -> Discovered:
    """Find and register all plugins; never raises for what is wrong with one.

    Raises
    ------
    ConfigurationError
        If ``block`` or the settings would block the built-in capabilities.
    """
    found = [*find_plugins(), *map(_as_found, extra_modules)]
    found, blocked = _filter(found, settings, tuple(block))
    found, broken = _without_duplicates(found)
    tracer = _tracer(settings)
    manager = PluginManager(PROJECT)
    for module in specification_modules():
        manager.add_hookspecs(module)
    builtin = _load(FoundPlugin("builtin", BUILTIN, "flowkit", __version__), tracer)
    loaded: dict[str, PluginInfo] = {}
    for plugin in found:
        try:
            info = _load(plugin, tracer)
            if rival := next((other.name for other in loaded.values() if other.module is info.module), None):
                raise Fault(f"its module {plugin.module} is that of {rival!r} too", "one module can be one plugin only")
            loaded[plugin.name] = info
        except Fault as fault:
            broken.append(fault.broken(plugin))
    _open_hooks(manager, loaded, broken, tracer)
    for name, info in list(loaded.items()):
        try:
            check_module(manager, info.module)
        except Fault as fault:
            del loaded[name]
            broken.append(fault.broken(info.found))
    order = _order(loaded, broken)
    manager.register(builtin.module, builtin.name)
    # pluggy asks the latest registered first: in reverse, plugins are asked in order, and the built-ins last.
    for info in reversed(order):
        manager.register(info.module, info.name)
    builtin = attrs.evolve(builtin, is_builtin=True)
    if tracer is not None:
        tracer.watch(manager)
    return Discovered(manager, (builtin, *order), tuple(broken), tuple(blocked), tracer)


def _tracer(settings: Settings) -> Tracer | None:
    target = settings.get("TRACE_PLUGINS")
    if target is None:
        return None
    from flowkit.kernel.tracing import Tracer

    return Tracer.of(target)


def _as_found(source: PluginSource) -> FoundPlugin:
    if isinstance(source, ModuleType):
        return FoundPlugin(source.__name__, source.__name__, "", "", source.__file__ or "", source)
    if isinstance(source, Path):
        return FoundPlugin(source.stem, str(source), "", "", str(source), source)
    return FoundPlugin(source, source, "", "")


def _filter(
    found: Sequence[FoundPlugin], settings: Settings, block: tuple[str, ...]
) -> tuple[list[FoundPlugin], list[BlockedPlugin]]:
    allowed = settings.plugins_allowed
    blocked_by = {normalize(name): "--no-plugin" for name in block}
    for name in settings.plugins_blocked:
        blocked_by.setdefault(normalize(name), settings.source("NO_PLUGIN"))
    if "builtin" in blocked_by:
        raise ConfigurationError(f"the built-in capabilities can't be blocked ({blocked_by['builtin']})")
    use: list[FoundPlugin] = []
    blocked: list[BlockedPlugin] = []
    for plugin in found:
        names = {normalize(plugin.name), normalize(plugin.distribution)}
        reason = next((blocked_by[name] for name in names if name in blocked_by), None)
        if reason is None and allowed is not None and names.isdisjoint(map(normalize, allowed)):
            reason = f"not in the allow-list FLOWKIT_PLUGINS ({settings.source('PLUGINS')})"
        if reason is None:
            use.append(plugin)
        else:
            blocked.append(BlockedPlugin(plugin, reason))
    return use, blocked


def _without_duplicates(found: Sequence[FoundPlugin]) -> tuple[list[FoundPlugin], list[BrokenPlugin]]:
    """Plugins whose name is theirs alone; those that share one are all broken: neither may win in silence."""
    use: list[FoundPlugin] = []
    broken: list[BrokenPlugin] = []
    for plugin in found:
        rivals = [other for other in found if other.name == plugin.name and other is not plugin]
        if plugin.name == "builtin":
            broken.append(BrokenPlugin(plugin, "the name 'builtin' is FlowKit's own", "give its entry point another"))
        elif rivals:
            others = " and ".join(rival.distribution or rival.location for rival in rivals)
            cause = f"the plugin's name {plugin.name!r} is claimed by {others} too"
            broken.append(BrokenPlugin(plugin, cause, "uninstall one of them, or block one with --no-plugin"))
        else:
            use.append(plugin)
    return use, broken


def _load(plugin: FoundPlugin, tracer: Tracer | None = None) -> PluginInfo:
    """Import a plugin's module. Whatever that raises, SystemExit included, becomes a Fault."""
    if isinstance(plugin.source, ModuleType):
        module = plugin.source
    elif ":" in plugin.module:
        raise Fault(f"its entry point is {plugin.module!r}", "name a module there, without ':'")
    else:
        try:
            module = tracer.call("import", plugin.name, plugin.module, _import, plugin) if tracer else _import(plugin)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if plugin.module == BUILTIN:
                raise
            raise Fault.of(f"importing {plugin.module} failed", error) from error
    order = {name: getattr(module, f"flowkit_{name}", ()) for name in ("before", "after")}
    for name, value in order.items():
        if isinstance(value, str) or not all(isinstance(item, str) for item in value):
            raise Fault(f"flowkit_{name} in {plugin.module} is {value!r}", "make it a tuple of plugins' names")
    return PluginInfo(plugin, module, tuple(order["before"]), tuple(order["after"]))


def _import(plugin: FoundPlugin) -> ModuleType:
    return _import_file(plugin.source) if isinstance(plugin.source, Path) else importlib.import_module(plugin.module)


def _import_file(path: Path) -> ModuleType:
    """The module of a single file, under its own name, so that what it defines can be pickled and imported."""
    from importlib.util import module_from_spec, spec_from_file_location

    present = sys.modules.get(path.stem)
    if present is not None and present.__file__ and Path(present.__file__).samefile(path):
        return present
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path} isn't a Python file")
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
    return module


def _open_hooks(
    manager: PluginManager, loaded: dict[str, PluginInfo], broken: list[BrokenPlugin], tracer: Tracer | None
) -> None:
    """Let plugins specify hooks, before any implementation is registered or looked at."""
    for name, info in list(loaded.items()):
        function = getattr(info.module, "flowkit_add_hookspecs", None)
        if not hasattr(function, f"{PROJECT}_impl") or not callable(function):
            continue
        try:
            if tracer is None:
                function(manager)
            else:
                tracer.call("hook", name, "flowkit_add_hookspecs", function, manager)
        except (Exception, SystemExit) as error:
            del loaded[name]
            broken.append(Fault.of("flowkit_add_hookspecs raised", error).broken(info.found))


def _order(loaded: dict[str, PluginInfo], broken: list[BrokenPlugin]) -> list[PluginInfo]:
    """The plugins in order; those that contradict each other are broken."""
    while True:
        try:
            names = in_order(
                {name: info.before for name, info in loaded.items()},
                {name: info.after for name, info in loaded.items()},
            )
        except OrderCycle as cycle:
            for name in sorted(set(cycle.names)):
                cause = f"the order that plugins ask for is a ring: {cycle}"
                mend = "change flowkit_before or flowkit_after of one, or block one with --no-plugin"
                broken.append(BrokenPlugin(loaded.pop(name).found, cause, mend))
            continue
        return [loaded[name] for name in names]
