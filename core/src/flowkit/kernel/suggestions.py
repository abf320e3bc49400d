"""What to say when a name is asked for that no usable plugin provides."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

import attrs

from flowkit.kernel.distributions import normalize
from flowkit.kernel.kinds import kind_of
from flowkit.kernel.plugin_info import BlockedPlugin, BrokenPlugin

#: A plugin that is there and can't be used.
Suspect = BrokenPlugin | BlockedPlugin

__all__ = [
    "KnownDistribution",
    "is_known_distribution",
    "known_distributions",
    "missing_plugin",
    "suspects_of",
    "unknown_name",
]

_FILE = Path(__file__).with_name("known_plugins.json")


@attrs.frozen
class KnownDistribution:
    """A distribution that is known to bring a name."""

    name: str
    #: Its folder in a clone of FlowKit.
    folder: str


def is_known_distribution(name: str) -> bool:
    """Whether a distribution is one of those that are developed with FlowKit."""
    table = json.loads(_FILE.read_text(encoding="utf-8"))["distributions"]
    return normalize(name) in {normalize(distribution) for distribution in table}


def known_distributions(name: str, kinds: Iterable[str]) -> list[KnownDistribution]:
    """Distributions that bring ``name`` as one of ``kinds``."""
    table = json.loads(_FILE.read_text(encoding="utf-8"))["distributions"]
    wanted = tuple(kinds)
    return [
        KnownDistribution(distribution, facts["folder"])
        for distribution, facts in table.items()
        if any(name in facts.get(kind, ()) for kind in wanted)
    ]


def missing_plugin(
    name: str,
    kinds: Iterable[str],
    install: str,
    broken: Sequence[BrokenPlugin] = (),
    blocked: Sequence[BlockedPlugin] = (),
) -> str:
    """Which distribution brings ``name`` and what keeps it from being used; empty if none is known.

    Parameters
    ----------
    install
        How to install a distribution, with ``{distribution}`` and ``{folder}`` in it.
    """
    for known in known_distributions(name, kinds):
        suspects: list[Suspect] = [*broken, *blocked]
        for plugin in suspects:
            if normalize(plugin.found.distribution) == normalize(known.name):
                return f"it comes with {known.name}, which is installed but {_state(plugin)}"
        how = install.replace("{distribution}", known.name).replace("{folder}", known.folder)
        return f"it comes with {known.name}, which isn't installed: {how}"
    return ""


def unknown_name(
    kind: str,
    name: str,
    names: Sequence[str],
    install: str,
    broken: Sequence[BrokenPlugin] = (),
    blocked: Sequence[BlockedPlugin] = (),
) -> str:
    """The message for a name of one kind that isn't there: what is, what is near, what may bring it."""
    parts = [f"there is no {kind_of(kind).noun} {name!r}"]
    if close := get_close_matches(name, names, 3):
        parts.append(f"did you mean {' or '.join(map(repr, close))}?")
    parts.append(f"known: {', '.join(sorted(names)) or 'none'}")
    if hint := missing_plugin(name, (kind,), install, broken, blocked):
        parts.append(hint)
    elif suspects := suspects_of(broken, blocked):
        parts.append(suspects)
    return "; ".join(parts)


def suspects_of(broken: Sequence[BrokenPlugin], blocked: Sequence[BlockedPlugin]) -> str:
    """Plugins that may have what is missing, and why they aren't in use; empty if there are none."""
    suspects: list[Suspect] = [*broken, *blocked]
    listed = ", ".join(f"{plugin.name} ({_state(plugin)})" for plugin in suspects)
    return f"a plugin that isn't in use may have it: {listed}" if listed else ""


def _state(plugin: Suspect) -> str:
    if isinstance(plugin, BlockedPlugin):
        return f"blocked: {plugin.reason}"
    return f"broken: {plugin.cause}"
