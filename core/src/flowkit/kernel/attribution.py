"""Whose an error is that nobody foresaw: a plugin's, or FlowKit's."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import TracebackType

from flowkit.kernel.distributions import normalize
from flowkit.kernel.plugin_info import FoundPlugin, PluginInfo
from flowkit.kernel.suggestions import is_known_distribution

__all__ = ["plugin_at_fault"]


def plugin_at_fault(error: BaseException, plugins: Iterable[PluginInfo]) -> tuple[FoundPlugin, str] | None:
    """The plugin whose code ``error`` was raised in, or was raised by what that called, and the file and line.

    Of several plugins in the traceback the innermost. None if there is none but those that FlowKit itself brings.
    """
    packages = {_package(info.module.__name__): info.found for info in plugins if not _is_own(info)}
    by_distribution = {normalize(found.distribution): found for found in packages.values() if found.distribution}
    for name, place in _frames(error.__traceback__):
        if name.partition(".")[0] == "flowkit":
            continue
        owner = next((found for package, found in packages.items() if f"{name}.".startswith(f"{package}.")), None)
        if owner is None and by_distribution:
            names = map(normalize, _distributions_of(name))
            owner = next((by_distribution[one] for one in names if one in by_distribution), None)
        if owner is not None:
            return owner, place
    return None


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, str]]:
    """Module, and file and line, of each frame; the innermost first."""
    frames: list[tuple[str, str]] = []
    while trace is not None:
        frame = trace.tb_frame
        frames.append((str(frame.f_globals.get("__name__", "")), f"{frame.f_code.co_filename}:{trace.tb_lineno}"))
        trace = trace.tb_next
    return reversed(frames)


def _is_own(info: PluginInfo) -> bool:
    return info.is_builtin or is_known_distribution(info.found.distribution)


def _package(module: str) -> str:
    """The outermost package that a plugin's module is in, but for namespaces, which others share."""
    parts = module.split(".")
    prefixes = (".".join(parts[:length]) for length in range(1, len(parts)))
    return next((one for one in prefixes if getattr(sys.modules.get(one), "__file__", None)), module)


def _distributions_of(module: str) -> list[str]:
    """A plugin's distribution may have more packages than the one that its entry point names."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == "__main__":
        return []
    from importlib_metadata import packages_distributions

    return list(packages_distributions().get(top, ()))
