"""Hooks of discovery itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowkit.kernel.markers import hookspec

if TYPE_CHECKING:
    from flowkit.kernel.discovery import HookspecManager


@hookspec
def flowkit_add_hookspecs(manager: HookspecManager) -> None:
    """Open hooks of the plugin's own: ``manager.add_hookspecs(module_or_class)``, specified with ``hookspec``.

    Fires once for each registry, for every plugin that was imported, before any plugin's other hooks are looked at;
    called by discovery. Nothing is returned. Names must begin with ``flowkit_``; a hook that returns providers is
    asked through the registry like the core's: ``registry.get("card_types", name)`` for ``flowkit_card_types``. An
    error makes the plugin a broken one.
    """
    return None
