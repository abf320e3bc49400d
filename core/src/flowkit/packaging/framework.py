"""FlowKit itself and its plugins as an archive, for machines where they aren't installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from flowkit.artifacts.layout import code_key
from flowkit.kernel.plugin_info import BrokenPlugin
from flowkit.packaging.archive import CodeArchive, write_archive

if TYPE_CHECKING:
    from flowkit.interfaces.datastore import Datastore
    from flowkit.kernel.plugin_info import FoundPlugin
    from flowkit.kernel.registry import Registry

__all__ = ["FrameworkPackage", "pack_framework", "store_framework"]

_COMPILED = (".so", ".pyd", ".dylib", ".dll")
#: What says of a distribution that it is there, and what it offers.
_METADATA = ("METADATA", "PKG-INFO", "entry_points.txt")
_NOT_NEEDED = frozenset({"__pycache__", "tutorials", "tests"})


@attrs.frozen
class FrameworkPackage:
    """The packages, to be unpacked to a folder that is put on the path; what they depend on isn't in it."""

    archive: CodeArchive
    #: Distributions with compiled code, that must be installed where tasks run.
    left_out: tuple[str, ...] = ()


def pack_framework(registry: Registry) -> FrameworkPackage:
    """Pack FlowKit and the plugins that are in use, with their metadata: elsewhere they are found as if installed."""
    import flowkit

    members = dict(_files(Path(flowkit.__file__).parent, "flowkit"))
    left_out: list[str] = []
    for info in registry.plugins():
        found = info.found
        if isinstance(info, BrokenPlugin) or info.is_builtin or not found.distribution or found.source is not None:
            continue  # a file beside the flow is in the flow's own code
        files = dict(_plugin_files(found))
        if any(name.endswith(_COMPILED) for name in files):
            left_out.append(found.distribution)
        else:
            members |= files
    contents = ((name, members[name].read_bytes(), False) for name in sorted(members))
    return FrameworkPackage(CodeArchive(write_archive(contents)), tuple(sorted(set(left_out))))


def store_framework(registry: Registry, datastore: Datastore, flow: str) -> str:
    """Have the archive in the datastore, beside the code of the flow. Returns its SHA-256. Raises DatastoreError."""
    archive = pack_framework(registry).archive
    sha256 = archive.sha256
    datastore.put(code_key(flow, sha256), [archive.content])
    return sha256


def _plugin_files(found: FoundPlugin) -> Iterator[tuple[str, Path]]:
    top = found.module.partition(".")[0]
    file = getattr(sys.modules.get(top), "__file__", None)
    for folder in getattr(sys.modules.get(top), "__path__", ()):
        yield from _files(Path(folder), top)
    if file is not None and not hasattr(sys.modules[top], "__path__"):
        yield f"{top}{Path(file).suffix}", Path(file)
    metadata = Path(found.location)
    for name in _METADATA:
        if (metadata / name).is_file():
            yield f"{metadata.name}/{name}", metadata / name


def _files(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for at, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if one not in _NOT_NEEDED]
        for file in files:
            if not file.endswith(".pyc"):
                path = Path(at, file)
                yield f"{name}/{path.relative_to(folder).as_posix()}", path
