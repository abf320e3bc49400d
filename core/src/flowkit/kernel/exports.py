"""What to say of a name that was imported from ``flowkit`` and isn't there."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from flowkit.kernel.registry import Registry
from flowkit.kernel.suggestions import missing_plugin, suspects_of

__all__ = ["missing_name"]

_KINDS = ("step_decorators", "flow_decorators", "exports")


def missing_name(name: str, names: Sequence[str], registry: Registry) -> str:
    """The message: what to install, which plugins may have it, or what is near."""
    parts = [f"flowkit has no {name!r}"]
    offered = [*names, *(known for kind in _KINDS for known in registry.names(kind))]
    if hint := missing_plugin(name, _KINDS, registry.settings.plugin_install, registry.broken(), registry.blocked()):
        parts.append(hint)
    elif suspects := suspects_of(registry.broken(), registry.blocked()):
        parts.append(suspects)
    if close := get_close_matches(name, offered, 3):
        parts.append(f"did you mean {' or '.join(map(repr, close))}?")
    return "; ".join(parts)
