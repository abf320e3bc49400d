"""The code of a run that a command names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import attrs

from flowkit.cli.context import AppContext
from flowkit.cli.reading_session import reading_session, run_of
from flowkit.cli.stored import find_run
from flowkit.errors import PackagingError
from flowkit.interfaces.datastore import Datastore
from flowkit.packaging.archive import CodeArchive
from flowkit.packaging.selection import CodeSource, select
from flowkit.packaging.storing import read_code

__all__ = ["RunCode"]


@attrs.frozen
class RunCode:
    """The stored code of one run."""

    pathspec: str
    archive: CodeArchive
    #: Suffixes of the files that are code, and how many files a folder may have, as they are configured today.
    suffixes: tuple[str, ...]
    most: int

    @classmethod
    def find(cls, context: AppContext, pathspec: str, metadata: str | None) -> RunCode:
        """Read it. Raises NotFound for an unknown run, PackagingError if its code isn't stored."""
        flow, run_id = run_of(pathspec)
        with closing(reading_session(context, flow, metadata)) as session:
            run = find_run(session, run_id)
            if not run.code:
                raise PackagingError(f"the code of {flow}/{run_id} isn't stored")
            kind = cast("type[Datastore]", context.registry.get("datastores", run.datastore))
            with closing(kind.open(run.datastore_root)) as datastore:
                archive = read_code(datastore, flow, run.code)
        return cls(f"{flow}/{run_id}", archive, context.settings.package_suffixes, context.settings.code_max_entries)

    @property
    def file_stem(self) -> str:
        """What files that are made of the run are called."""
        return self.pathspec.lower().replace("/", "_")

    def compared(self, folder: Path) -> dict[str, bytes]:
        """The run's files, but for those that decorators brought from elsewhere, where they aren't in the folder."""
        added = frozenset(self.archive.info.get("added", ()))
        return {
            name: content
            for name, content in self.archive.files().items()
            if name not in added or (folder / name).is_file()
        }

    def counterparts(self, folder: Path) -> dict[str, bytes]:
        """The files of the run as they are in a folder, but for those that aren't there."""
        found: dict[str, bytes] = {}
        for name in self.archive.names():
            path = folder / name
            try:
                if path.is_file():
                    found[name] = path.read_bytes()
            except OSError as error:
                raise PackagingError(f"{path} can't be read: {error.strerror}") from None
        return found

    def only_in(self, folder: Path) -> Iterator[str]:
        """Files of the folder that would be code of the flow, and aren't in the run."""
        info = self.archive.info
        script = folder / str(info.get("script", ""))
        if script.is_file():
            here = select(CodeSource(str(info.get("flow", "")), str(script.resolve()), self.suffixes), self.most)
            yield from sorted(set(here.paths) - set(self.archive.names()))
