"""What is known of a plugin: found, loaded, blocked or broken."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from flowkit.kernel.provider import Provider

__all__ = ["BlockedPlugin", "BrokenPlugin", "Entry", "FoundPlugin", "PluginInfo"]


@attrs.frozen
class FoundPlugin:
    """A plugin that is installed, not imported yet."""

    #: Name of the entry point.
    name: str
    #: The module, as the entry point names it; a path for a file beside a flow.
    module: str
    distribution: str
    version: str
    #: Where the distribution's metadata, or the file, lies.
    location: str = ""
    #: A module that is there already, or a file, in place of a module's name.
    source: ModuleType | Path | None = None

    @property
    def title(self) -> str:
        """The plugin's and the distribution's names, for messages."""
        of = f"{self.distribution} {self.version}".strip()
        return f"{self.name!r} ({of})" if of else repr(self.name)


@attrs.frozen
class PluginInfo:
    """A plugin that was imported and registered."""

    found: FoundPlugin
    module: ModuleType = attrs.field(repr=False)
    #: Names of plugins that this one comes before, and after.
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    is_builtin: bool = False

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.found.name


@attrs.frozen
class BrokenPlugin:
    """A plugin that can't be used, or not in all that it offers."""

    found: FoundPlugin
    #: What went wrong, in one line.
    cause: str
    #: What mends it, in one line.
    mend: str
    #: False where the plugin is registered, and only what ``cause`` names is missing.
    unusable: bool = True

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.found.name


@attrs.frozen
class BlockedPlugin:
    """A plugin that wasn't imported because a flag or a setting says so."""

    found: FoundPlugin
    #: ``--no-plugin``, or a setting and where it was set.
    reason: str

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.found.name


@attrs.frozen
class Entry:
    """One provider, and the plugin that it comes from."""

    provider: Provider[Any]
    plugin: FoundPlugin

    @property
    def name(self) -> str:
        """The capability's name."""
        return self.provider.name

    @property
    def distribution(self) -> str:
        """The distribution that the plugin came in."""
        return self.plugin.distribution

    @property
    def version(self) -> str:
        """That distribution's version."""
        return self.plugin.version
