"""What ``run.code`` and ``task.code`` are."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from flowkit.client.fields import RUN_TAGS
from flowkit.client.run_context import RunContext
from flowkit.errors import FlowkitError

if TYPE_CHECKING:
    import tarfile
    import tempfile

    from flowkit.model.record import RunRecord
    from flowkit.packaging.archive import CodeArchive

__all__ = ["TaskCode"]


class TaskCode:
    """The code that a run ran: its flow's file and the files beside it, as they were. Read when it is first needed.

    Two runs that ran equal code have equal ones.
    """

    def __init__(self, run: RunContext) -> None:
        self._run = run

    @classmethod
    def of_run(cls, run: RunContext) -> TaskCode | None:
        """None for a run whose code isn't stored."""
        # The code of a run that has just begun is recorded a moment later.
        record = run.record if run.record.code else run.state()
        return cls(run) if record.code else None

    @property
    def hash(self) -> str:
        """SHA-256 of the archive, which names it in the datastore."""
        return self._run.record.code

    @property
    def path(self) -> str:
        """Where the archive is: a file, or a URL."""
        from flowkit.artifacts.layout import code_key

        record, datastore = self._run.record, self._run.datastore
        key = code_key(record.flow, record.code)
        local = datastore.local_path(key)
        return posixpath.join(datastore.root, key) if local is None else str(local)

    @property
    def script_name(self) -> str:
        """Name of the flow's file in the archive."""
        return PurePath(str(self._run.record.info.get("flow_file", ""))).name

    @property
    def info(self) -> dict[str, Any]:
        """Facts of the run that ran it: ``script``, ``flow_name``, ``username``, versions, and those of git.

        ``git`` has ``commit``, ``branch``, ``dirty`` and ``remote``, where the flow's file was in a repository.
        """
        return _facts(self._run.record, self.script_name)

    @property
    def flowspec(self) -> str:
        """The text of the flow's file, as it ran."""
        return self._archive.read(self.script_name).decode("utf-8", "replace")

    @property
    def tarball(self) -> tarfile.TarFile:
        """The archive, open."""
        opened: tarfile.TarFile = self._archive.open()
        return opened

    def files(self) -> Mapping[str, bytes]:
        """Contents of all files, by name."""
        return self._archive.files()

    def extract(self) -> tempfile.TemporaryDirectory[str]:
        """The files, in a temporary folder that is removed when the result is given up, cleaned up, or left.

        >>> from flowkit import Run
        >>> with Run("HelloFlow/1").code.extract() as folder:  # doctest: +SKIP
        ...     print(open(f"{folder}/hello.py").read())
        """
        import tempfile

        archive = self._archive  # read first: if that fails, there is no folder to clean up
        folder = tempfile.TemporaryDirectory(prefix="flowkit-code-")
        try:
            archive.unpack(folder.name)
        except FlowkitError:
            folder.cleanup()
            raise
        return folder

    def unpack(self, folder: str) -> None:
        """Write the files below a folder. Raises PackagingError."""
        self._archive.unpack(folder)

    @cached_property
    def _archive(self) -> CodeArchive:
        from flowkit.packaging.storing import read_code

        record = self._run.record
        return read_code(self._run.datastore, record.flow, record.code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TaskCode) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[str, str]:
        return (self._run.flow, self.hash)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (type(self), self._run.view, self._run.flow, self._run.run_id))

    def __repr__(self) -> str:
        return f"TaskCode({self.script_name!r}, {self.hash[:12]!r})"


def _restore(cls: type[TaskCode], view: Any, flow: str, run_id: str) -> TaskCode:
    return cls(RunContext(view, flow, run_id))


def _facts(record: RunRecord, script: str) -> dict[str, Any]:
    facts: dict[str, Any] = {"script": script, "flow_name": record.flow, "username": record.username}
    for tag in record.system_tags:
        name, colon, value = tag.partition(":")
        if colon and name in RUN_TAGS:
            facts[name] = value
    if git := record.info.get("git"):
        facts["git"] = dict(git)
    return facts
