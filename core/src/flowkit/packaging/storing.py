"""The code of a flow, packed and in the datastore."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from flowkit.artifacts.layout import code_key
from flowkit.artifacts.restoring import get_or_restore
from flowkit.errors import PackagingError
from flowkit.packaging.memory import CodeMemory, Remembered
from flowkit.packaging.selection import DEFAULT_SUFFIXES, CodeSource, Selection, select
from flowkit.packaging.size import USUAL_LIMITS, SizeLimits, check_size

if TYPE_CHECKING:
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.interfaces.datastore import Datastore
    from flowkit.interfaces.flow_decorator import FlowDecorator
    from flowkit.interfaces.step_decorator import StepDecorator
    from flowkit.packaging.archive import CodeArchive

__all__ = ["CodePackage", "code_source", "pack_code", "read_code", "store_code"]


class CodePackage(NamedTuple):
    """The code of a flow as it now is."""

    selection: Selection
    archive: CodeArchive
    #: What to tell the user of its size; empty for nothing.
    warning: str = ""


def code_source(compiled: CompiledFlow, suffixes: Iterable[str] = DEFAULT_SUFFIXES) -> CodeSource:
    """Where the code of a flow is taken from.

    Parameters
    ----------
    suffixes
        Ends of the names of files that are code.

    Raises
    ------
    PackagingError
        If the flow has no file, or a decorator can't say what it adds.
    """
    if not compiled.file:
        raise PackagingError(f"{compiled.name} isn't in a file")
    added: list[tuple[str, str, str]] = []
    decorators: list[FlowDecorator | StepDecorator] = [*compiled.flow_decorators]
    for of_step in compiled.step_decorators.values():
        decorators += of_step
    for decorator in decorators:
        try:
            files = [(os.path.abspath(path), name) for path, name in decorator.files()]
        except Exception as error:
            raise PackagingError(f"@{decorator.name} can't say what it adds to the package: {error}") from error
        added += [(path, name, f"@{decorator.name}") for path, name in files]
    return CodeSource(compiled.name, os.path.abspath(compiled.file), tuple(suffixes), tuple(dict.fromkeys(added)))


def pack_code(source: CodeSource, limits: SizeLimits = USUAL_LIMITS) -> CodePackage:
    """Choose the files and make the archive. Raises PackagingError."""
    from flowkit.packaging.archive import CodeArchive, make_archive

    selection = select(source, limits.entries)
    archive = CodeArchive(make_archive(source, selection))
    return CodePackage(selection, archive, check_size(source, selection, len(archive.content), limits))


def store_code(
    source: CodeSource,
    datastore: Datastore,
    memory: CodeMemory,
    limits: SizeLimits = USUAL_LIMITS,
    known: Remembered | None = None,
) -> Remembered:
    """Have the code of a flow in the datastore, at :func:`flowkit.artifacts.layout.code_key`.

    An unchanged tree that is stored already is neither read nor packed.

    Parameters
    ----------
    known
        What the memory says, where it was just asked.

    Raises
    ------
    PackagingError
        If the code can't be packed.
    DatastoreError
        If it can't be stored.
    """
    known = known or memory.recall(source, limits)
    if known is not None and datastore.renew(code_key(source.flow, known.sha256)):
        return known
    package = pack_code(source, limits)
    content = package.archive.content
    found = Remembered(package.archive.sha256, len(content), package.warning)
    datastore.put(code_key(source.flow, found.sha256), [content])
    memory.remember(source, limits, package.selection, found)
    return found


def read_code(datastore: Datastore, flow: str, sha256: str) -> CodeArchive:
    """The code of a run, checked against its hash.

    Raises
    ------
    KeyNotFound
        If it isn't there any more.
    CorruptedBlobError
        If it isn't what was stored.
    """
    from flowkit.packaging.archive import CodeArchive

    key = code_key(flow, sha256)
    return CodeArchive.checked(get_or_restore(datastore, key), sha256, f"{key} in {datastore.root}")
