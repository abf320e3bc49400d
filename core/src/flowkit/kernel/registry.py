"""All capabilities of all plugins, by kind and name; each is loaded when it is first used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from flowkit.errors import BrokenPluginError, InternalError, PluginCollision, PluginVersionError, UnknownCapability
from flowkit.kernel.discovery import Discovered, discover, plugin_file
from flowkit.kernel.hooks import Hooks
from flowkit.kernel.kinds import KINDS, kind_of
from flowkit.kernel.plugin_info import BlockedPlugin, BrokenPlugin, Entry, FoundPlugin, PluginInfo
from flowkit.kernel.provider import Scope
from flowkit.kernel.validation import Fault, check_loaded, describe_error, own_name_fault, provider_fault
from flowkit.settings import PREFIX, Settings
from flowkit.version import __version__

__all__ = ["Registry", "default_registry"]


class Registry:
    """The plugins of one process, or of one command of it. Made by :meth:`discover` or :meth:`for_flow`."""

    def __init__(self, settings: Settings, discovered: Discovered, block: Iterable[str] = ()) -> None:
        self.settings = settings
        self._block = tuple(block)
        self._tracer = discovered.tracer
        #: Calls of the hooks that aren't lists of providers.
        self.hook = Hooks(discovered.manager)
        self._manager = discovered.manager
        self._plugins = {info.name: info for info in discovered.plugins}
        self._broken = {plugin.found: plugin for plugin in discovered.broken}
        self._blocked = discovered.blocked
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._loaded: dict[tuple[str, str, str, str], Any] = {}

    @classmethod
    def discover(
        cls, settings: Settings, *, block: Iterable[str] = (), extra_modules: Iterable[str | ModuleType | Path] = ()
    ) -> Registry:
        """Find the plugins of this interpreter.

        Parameters
        ----------
        block
            Names of plugins or distributions to leave out, in addition to those in the settings.
        extra_modules
            More plugins: names of modules, modules, or files.

        Raises
        ------
        ConfigurationError
            If the built-in capabilities would be blocked. What is wrong with a plugin is never raised here.
        """
        block = tuple(block)
        return cls(settings, discover(settings, block, extra_modules), block)

    @classmethod
    def for_flow(cls, settings: Settings, flow_file: str | Path, *, block: Iterable[str] = ()) -> Registry:
        """As :meth:`discover`, with the file ``flowkit_plugins.py`` beside the flow's, if there is one."""
        beside = plugin_file(Path(flow_file).parent)
        return cls.discover(settings, block=block, extra_modules=[beside] if beside else [])

    # --- capabilities ----------------------------------------------------------------------------------------------

    def get(self, kind: str, name: str, *, scope: Scope | None = None) -> Any:
        """Load the capability ``name`` of ``kind`` (a hook's name without ``flowkit_``), once.

        Parameters
        ----------
        scope
            Which command line, for commands; if it isn't given, a flow's command is found first.

        Raises
        ------
        UnknownCapability
            If no usable plugin has the name; the message says what is near and what to install.
        PluginCollision
            If two plugins claim it.
        PluginVersionError
            If it was written for another version of the kind's interface.
        BrokenPluginError
            If it can't be loaded, or isn't what the kind needs.
        """
        return self.load(kind, self.entry(kind, name, scope=scope))

    def entry(self, kind: str, name: str, *, scope: Scope | None = None) -> Entry:
        """The provider of ``name``, not loaded. Raises UnknownCapability, PluginCollision."""
        found = self._claims(kind, name, scope)
        if not found:
            from flowkit.kernel.suggestions import unknown_name

            install = self.settings.plugin_install
            message = unknown_name(kind, name, self.names(kind, scope=scope), install, self.broken(), self._blocked)
            raise UnknownCapability(message)
        if len(found) > 1:
            raise PluginCollision(_collision(kind, found))
        return found[0]

    def load(self, kind: str, entry: Entry) -> Any:
        """Load what a provider stands for, once. Raises as :meth:`get` does, but for an unknown name."""
        provider = entry.provider
        key = (kind, provider.scope, provider.name, entry.plugin.name)
        if key not in self._loaded:
            self._loaded[key] = self._load(kind, entry)
        return self._loaded[key]

    def names(self, kind: str, *, scope: Scope | None = None) -> tuple[str, ...]:
        """Names of one kind, built-ins first; of commands, those of ``scope`` or all. Loads nothing."""
        scoped = scope is not None and kind_of(kind).scoped
        entries = (entry for entry in self.providers(kind) if not scoped or entry.provider.scope == scope)
        return tuple(dict.fromkeys(entry.name for entry in entries))

    def providers(self, kind: str) -> Sequence[Entry]:
        """All providers of one kind, built-ins first, then in the plugins' order. Loads nothing."""
        if kind not in self._entries:
            self._entries[kind] = tuple(self._list(kind))
        return self._entries[kind]

    # --- plugins ---------------------------------------------------------------------------------------------------

    def kinds(self) -> tuple[str, ...]:
        """Names of all kinds that have providers, those that plugins have opened included."""
        opened = (name.removeprefix("flowkit_") for name in vars(self._manager.hook) if name.startswith("flowkit_"))
        kinds = dict.fromkeys((*KINDS, *(kind for kind in opened if self._is_kind(kind))))
        return tuple(kind for kind in kinds if self.providers(kind))

    def plugins(self) -> Sequence[PluginInfo | BrokenPlugin]:
        """All plugins: those in use, in order, and then the broken ones. Lists all that they provide; loads nothing.

        A plugin that is in use but failed in a part of what it offers is in both groups.
        """
        self.kinds()
        return (*self._plugins.values(), *self._broken.values())

    def broken(self) -> Sequence[BrokenPlugin]:
        """Plugins that are known so far to be broken; :meth:`plugins` tries all."""
        return tuple(self._broken.values())

    def blocked(self) -> Sequence[BlockedPlugin]:
        """Plugins that a flag or a setting leaves out."""
        return self._blocked

    def has_file(self, path: Path) -> bool:
        """Whether the file at ``path`` is one of the plugins, in whatever state."""
        known = (self._plugins.values(), self._broken.values(), self._blocked)
        sources = [one.found.source for group in known for one in group]
        return any(isinstance(source, Path) and source.samefile(path) for source in sources)

    def collisions(self) -> Sequence[str]:
        """Names that two plugins claim, in the words of the error that asking for one of them raises."""
        found: list[str] = []
        for kind in self.kinds():
            keys = dict.fromkeys((entry.name, entry.provider.scope) for entry in self.providers(kind))
            claims = (self._claims(kind, name, scope) for name, scope in keys)
            found += [_collision(kind, entries) for entries in claims if len(entries) > 1]
        return tuple(dict.fromkeys(found))

    def at_fault(self, error: BaseException) -> tuple[FoundPlugin, str] | None:
        """The plugin that an unforeseen error is a bug of, and its file and line; None if that is FlowKit itself."""
        from flowkit.kernel.attribution import plugin_at_fault

        return plugin_at_fault(error, self._plugins.values())

    def hooks_of(self, plugin: str) -> Sequence[str]:
        """Hooks that a plugin implements besides those that return providers, by name."""
        module = self._plugins[plugin].module
        callers = self._manager.get_hookcallers(module) or ()
        return sorted(caller.name for caller in callers if not self._is_kind(caller.name.removeprefix("flowkit_")))

    def versions(self) -> Mapping[str, str]:
        """Versions by distribution, FlowKit's own included; of a plugin that isn't installed, a check sum by its name.

        This is the record of plugins that a run keeps.
        """
        versions = {"flowkit": __version__}
        for info in self._plugins.values():
            if not info.is_builtin:
                found = info.found
                versions[found.distribution or found.name] = found.version or _check_sum(found.location)
        return versions

    def variables(self) -> Mapping[str, str]:
        """Environment variables with which another process uses the same plugins, whatever its flags and files say."""
        blocked = dict.fromkeys((*self._block, *self.settings.plugins_blocked))
        chosen = {"NO_PLUGIN": blocked, "PLUGINS": self.settings.plugins_allowed or ()}
        found = {f"{PREFIX}{name}": ",".join(names) for name, names in chosen.items() if names}
        # What a task writes to stderr is its output.
        is_told_here = self._tracer is not None and self._tracer.is_of_this_process
        return {**found, f"{PREFIX}TRACE_PLUGINS": "0"} if is_told_here else found

    # --- how -------------------------------------------------------------------------------------------------------

    def _claims(self, kind: str, name: str, scope: Scope | None) -> Sequence[Entry]:
        """Providers of one name, of which there should be one."""
        found = [entry for entry in self.providers(kind) if entry.name == name]
        if not kind_of(kind).scoped:
            return found
        scopes: tuple[Scope, ...] = (scope,) if scope else ("flow", "flowkit", "configure")
        by_scope = ([entry for entry in found if entry.provider.scope == wanted] for wanted in scopes)
        return next(filter(None, by_scope), [])

    def _is_kind(self, kind: str) -> bool:
        """Whether a hook returns providers: those of the core that do, and any that a plugin opened for it."""
        caller = getattr(self._manager.hook, f"flowkit_{kind}")
        own = caller.spec is not None and caller.spec.function.__module__.startswith("flowkit.kernel.hookspecs.")
        return kind in KINDS or not (own or caller.spec is None or caller.spec.argnames)

    def _list(self, kind: str) -> Iterable[Entry]:
        caller = getattr(self._manager.hook, f"flowkit_{kind}", None)
        if caller is None:
            raise InternalError(f"there is no kind of capability {kind!r}")
        # pluggy lists them in the reverse of the order in which plugins are asked, the built-in first.
        implementations = caller.get_hookimpls()[::-1]
        core: list[str] = []
        for implementation in sorted(implementations, key=lambda one: one.plugin_name != "builtin"):
            plugin = self._plugins[implementation.plugin_name]
            try:
                entries = self._checked(kind, plugin, implementation.function(), core)
                yield from entries
            except (Exception, SystemExit) as error:
                if plugin.is_builtin:
                    raise
                fault = error if isinstance(error, Fault) else Fault.of(f"flowkit_{kind} raised", error)
                self._broken[plugin.found] = fault.broken(plugin.found, unusable=False)
                continue
            if plugin.is_builtin:
                core = [entry.name for entry in entries]

    @staticmethod
    def _checked(kind: str, plugin: PluginInfo, providers: Iterable[Any], core: Sequence[str]) -> Sequence[Entry]:
        """All of one plugin's, or a Fault: half of what it offers would be a riddle."""
        entries: list[Entry] = []
        for provider in providers or ():
            if (fault := provider_fault(provider)) is not None:
                raise fault
            # A name that the core provides as one of this kind is claimed twice, and then told as such.
            if not plugin.is_builtin and provider.name not in core and (fault := own_name_fault(kind, provider.name)):
                raise fault
            entries.append(Entry(provider, plugin.found))
        return entries

    def _load(self, kind: str, entry: Entry) -> Any:
        facts, provider = kind_of(kind), entry.provider
        what = f"the {facts.noun} {provider.name!r} of the plugin {entry.plugin.title}"
        if not facts.oldest_api_version <= provider.api_version <= facts.api_version:
            newer = provider.api_version > facts.api_version
            raise PluginVersionError(
                f"{what} was written for version {provider.api_version} of the interface, and this FlowKit has "
                f"{facts.api_version}; upgrade {'FlowKit' if newer else entry.distribution or 'the plugin'}"
            )
        try:
            tracer, traced = self._tracer, f"{kind} {provider.name}"
            value = tracer.call("load", entry.plugin.name, traced, provider.load) if tracer else provider.load()
        except (Exception, SystemExit) as error:
            mend = "report it" if entry.plugin.name == "builtin" else Fault.of("loading", error).mend
            raise BrokenPluginError(f"{what} can't be loaded: {describe_error(error)}; {mend}") from error
        if (wrong := check_loaded(facts, value)) is not None:
            raise BrokenPluginError(f"{what} loaded {value!r}, which {wrong}; mend the plugin")
        return value


def _collision(kind: str, entries: Sequence[Entry]) -> str:
    claims = " and ".join(entry.plugin.title for entry in entries)
    block = next((entry.plugin.name for entry in entries if entry.plugin.name != "builtin"), entries[0].plugin.name)
    return (
        f"the {kind_of(kind).noun} {entries[0].name!r} is claimed by the plugins {claims}; "
        f"uninstall one, or leave it out with --no-plugin {block}"
    )


def _check_sum(location: str) -> str:
    import zlib

    try:
        return f"crc32:{zlib.crc32(Path(location).read_bytes()):08x}"
    except OSError:
        return ""


@cache
def default_registry() -> Registry:
    """The plugins of this process, as the environment and the files beside its main script say; found once.

    For what has no command line to choose plugins: names imported from ``flowkit``, and the client.
    """
    import __main__

    script = getattr(__main__, "__file__", None)
    settings = Settings.load()
    return Registry.for_flow(settings, script or settings.cwd / "__main__")
