"""Where deployments are: a folder each, below the local root.

::

    .flowkit/.deployments/<name>/deployment.json      what is deployed now
    .flowkit/.deployments/<name>/lock                 held by who deploys, takes away, or starts a run
    .flowkit/.deployments/<name>/code/<sha256>/       the flow's files; those of older versions while runs use them
    .flowkit/.deployments/<name>/runs/<run>/          see :mod:`flowkit.builtin.local_deployer.run_folder`
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs

from flowkit.builtin.local_deployer.run_folder import RunFolder
from flowkit.builtin.local_deployer.whole_file import write_whole
from flowkit.errors import FlowkitError
from flowkit.model.deployment import Deployment
from flowkit.model.parameter import ParameterSpec
from flowkit.model.task import StoreRef

__all__ = ["DeploymentFolder", "all_folders", "deployments_root"]

_FILE = "deployment.json"
#: Names of what is incomplete: on its way in, or out.
_UNPACKING, _REMOVING = ".unpacking-", ".removing-"


def deployments_root(local_root: Path) -> Path:
    """The folder of all deployments; it may not exist. No flow's folder can have its name."""
    return local_root / ".deployments"


def all_folders(root: Path) -> list[DeploymentFolder]:
    """By name; there may be nothing deployed in one."""
    return [DeploymentFolder(path) for path in sorted(root.iterdir())] if root.is_dir() else []


class DeploymentFolder:
    """One deployment's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self, *, make: bool = False) -> Iterator[bool]:
        """While entered, no one else deploys here, takes anything away, or starts a run.

        Parameters
        ----------
        make
            Whether to make the folder if it isn't there.

        Yields
        ------
        bool
            Whether it is there.

        Raises
        ------
        FlowkitError
            If it can't be made or locked.
        """
        lock = self._lock(make)
        try:
            yield lock is not None
        finally:
            if lock is not None:
                # Closing isn't enough: a process that was forked meanwhile has it open.
                fcntl.flock(lock, fcntl.LOCK_UN)
                os.close(lock)

    def _lock(self, make: bool) -> int | None:
        file = self.path / "lock"
        while True:
            try:
                if make:
                    self._make()
                descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
            except FileNotFoundError:
                if not make:
                    return None
                continue  # it was taken away at once
            except OSError as error:
                raise FlowkitError(f"{file} can't be written: {error.strerror}") from error
            if _flocked(descriptor, file):
                return descriptor
            os.close(descriptor)

    def _make(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FlowkitError(f"{self.path} can't be made: {error.strerror}") from error

    def read(self) -> tuple[Deployment, Mapping[str, Any]] | None:
        """What is deployed, and its definition; None if nothing is. Raises FlowkitError if the file is damaged."""
        file = self.path / _FILE
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            return _deployment(found["deployment"]), found["definition"]
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise FlowkitError(f"{file} can't be read ({error}): deploy the flow again, or remove it") from error

    def write(self, deployment: Deployment, definition: Mapping[str, Any]) -> None:
        """Put the deployment in place of the one before, at once."""
        text = json.dumps({"deployment": attrs.asdict(deployment), "definition": definition}, indent=1)
        write_whole(self.path / _FILE, text)

    def code(self, sha256: str) -> Path:
        """The folder of one version's files."""
        return self.path / "code" / sha256

    def unpack(self, sha256: str, archive: Any) -> None:
        """Have the files of a code package in their folder: all, if it is there. Called with the lock."""
        target = self.code(sha256)
        if target.is_dir():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=_UNPACKING))
        try:
            archive.unpack(staging)
            staging.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def run_folder(self, run_id: str) -> RunFolder:
        """Of one run; it may not exist."""
        return RunFolder(self.path / "runs" / run_id)

    def run_folders(self) -> list[RunFolder]:
        """Of all runs, the newest first."""
        folder = self.path / "runs"
        found = [RunFolder(path) for path in folder.iterdir()] if folder.is_dir() else []
        known = []
        for run in found:
            with suppress(FileNotFoundError, NotADirectoryError):  # it is on its way in, or out
                known.append((run.asked_at, run))
        return [run for _, run in sorted(known, key=lambda pair: pair[0], reverse=True)]

    def clean(self) -> None:
        """Remove versions of the code that nothing uses, and what killed processes left. Called with the lock."""
        used = {run.code for run in self.run_folders() if run.is_alive()}
        if (found := self.read()) is not None:
            used.add(found[0].code)
        folder = self.path / "code"
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name.startswith((_UNPACKING, _REMOVING)):
                shutil.rmtree(path, ignore_errors=True)
            elif path.name not in used:
                _remove(path)
        for path in self.path.parent.glob(f"{_REMOVING}*"):
            shutil.rmtree(path, ignore_errors=True)

    def remove(self) -> bool:
        """Take the deployment away; what its runs that go on need stays until they have ended. Called with the lock.

        Returns
        -------
        bool
            Whether there was one.
        """
        try:
            (self.path / _FILE).unlink()
        except FileNotFoundError:
            return False
        runs = self.run_folders()
        if not any(run.is_alive() for run in runs):
            _remove(self.path)
            return True
        for run in runs:
            if not run.is_alive():
                shutil.rmtree(run.path, ignore_errors=True)
        self.clean()
        return True


def _flocked(descriptor: int, file: Path) -> bool:
    """Wait for the lock. Whether it is still that of the folder, and not of one that was taken away meanwhile."""
    try:
        # A process that is killed gives it back.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except FileNotFoundError:
        return False
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, OSError):
            raise FlowkitError(f"{file} can't be locked: {error.strerror}") from error
        raise


def _remove(path: Path) -> None:
    """Remove a folder. Whoever is killed meanwhile leaves no part of it under its name."""
    with suppress(OSError):
        aside = path.rename(tempfile.mkdtemp(dir=path.parent, prefix=_REMOVING))
        shutil.rmtree(aside, ignore_errors=True)


def _deployment(found: Mapping[str, Any]) -> Deployment:
    parameters = tuple(ParameterSpec(**one) for one in found["parameters"])
    return Deployment(**{**found, "metadata": StoreRef(**found["metadata"]), "parameters": parameters})
