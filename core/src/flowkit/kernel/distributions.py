"""Which installed distributions have plugins: entry points of the group ``flowkit``.

An entry point's metadata library reads and parses the metadata of every distribution on the path, and importing it
costs more than all the rest of FlowKit's start. Here the folders of ``sys.path`` are listed, the ``entry_points.txt``
of each ``*.dist-info`` and ``*.egg-info`` is looked at, and only where ``[flowkit]`` is in it anything is parsed.
That finds what installers of today write, editable installs too (these leave a ``dist-info`` in site-packages, or an
``egg-info`` in a source folder that is on the path). Entries of the path that aren't folders (zip files, wheels) and
finders of other kinds on ``sys.meta_path`` are left to importlib_metadata.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flowkit.kernel.plugin_info import FoundPlugin

__all__ = ["GROUP", "find_plugins", "normalize"]

GROUP = "flowkit"
_HEADER = b"[" + GROUP.encode() + b"]"
_SUFFIXES = (".dist-info", ".egg-info")


def find_plugins(path: Sequence[str] | None = None) -> list[FoundPlugin]:
    """Plugins of the distributions on ``path`` (``sys.path`` if not given), by name.

    A distribution that is on the path twice counts where it is found first, as for imports.
    """
    seen: set[str] = set()
    found: list[FoundPlugin] = []
    for folder in dict.fromkeys(sys.path if path is None else path):
        found += _in_folder(folder or ".", seen)
    if path is None:
        found += _from_other_finders(seen)
    return sorted(found, key=lambda plugin: (plugin.name, plugin.distribution))


def normalize(name: str) -> str:
    """The form of a distribution's or plugin's name in which two spellings of one name are equal."""
    return name.lower().replace("_", "-").replace(".", "-")


def _in_folder(folder: str, seen: set[str]) -> Iterator[FoundPlugin]:
    try:
        names = os.listdir(folder)
    except NotADirectoryError:
        yield from _from_library(_library_distributions([folder]), seen)
        return
    except OSError:
        return
    # Sorted, so that of two left-over versions of one distribution the same counts on every machine.
    for name in sorted(names):
        if not name.endswith(_SUFFIXES):
            continue
        distribution = normalize(name.rpartition(".")[0].partition("-")[0])
        if distribution in seen:
            continue
        seen.add(distribution)
        info = os.path.join(folder, name)
        try:
            with open(os.path.join(info, "entry_points.txt"), "rb") as file:
                content = file.read()
        except OSError:
            continue
        if _HEADER in content:
            yield from _read(info, content.decode("utf-8", "replace"))


def _read(info: str, entry_points: str) -> Iterator[FoundPlugin]:
    distribution, version = _name_and_version(info)
    for name, value in _entries(entry_points):
        yield FoundPlugin(name, value, distribution, version, info)


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Names and values of our group in an ``entry_points.txt``; extras are cut off the values."""
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and line and line[0] not in "#;":
            name, separator, value = line.partition("=")
            if separator:
                yield name.strip(), value.partition("[")[0].strip()


def _name_and_version(info: str) -> tuple[str, str]:
    name, version = os.path.basename(info).rpartition(".")[0], ""
    for file_name in ("METADATA", "PKG-INFO"):
        try:
            with open(os.path.join(info, file_name), encoding="utf-8", errors="replace") as file:
                for line in file:
                    if not line.strip():
                        break
                    key, _, value = line.partition(":")
                    if key.lower() == "name":
                        name = value.strip()
                    elif key.lower() == "version":
                        version = value.strip()
        except OSError:
            continue
        break
    return name, version


def _from_other_finders(seen: set[str]) -> Iterator[FoundPlugin]:
    from importlib.machinery import PathFinder

    # The library's own finder, if something has imported it, looks where this module has looked.
    others: list[Any] = [
        finder
        for finder in sys.meta_path
        if finder is not PathFinder
        and hasattr(finder, "find_distributions")
        and type(finder).__module__.partition(".")[0] != "importlib_metadata"
    ]
    if others:
        from importlib_metadata import DistributionFinder

        context: Callable[[], Any] = DistributionFinder.Context
        for finder in others:
            yield from _from_library(finder.find_distributions(context()), seen)


def _library_distributions(path: list[str]) -> Iterable[Any]:
    if not os.path.isfile(path[0]):
        return ()
    from importlib_metadata import distributions

    return distributions(path=path)


def _from_library(distributions: Iterable[Any], seen: set[str]) -> Iterator[FoundPlugin]:
    for distribution in distributions:
        name = distribution.metadata["Name"]
        if not name or normalize(name) in seen:
            continue
        seen.add(normalize(name))
        for entry, value in _entries(distribution.read_text("entry_points.txt") or ""):
            yield FoundPlugin(entry, value, name, distribution.version, str(getattr(distribution, "_path", "")))
