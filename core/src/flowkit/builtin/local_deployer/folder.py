"""Where deployments are: a folder each, below the local root.

::

    .flowkit/.deployments/<name>/deployment.json      what is deployed now
    .flowkit/.deployments/<name>/code/<sha256>/       the flow's files; those of older versions while runs use them
    .flowkit/.deployments/<name>/runs/<run>/          see :mod:`flowkit.builtin.local_deployer.run_folder`
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
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


def deployments_root(local_root: Path) -> Path:
    """The folder of all deployments; it may not exist. No flow's folder can have its name."""
    return local_root / ".deployments"


def all_folders(root: Path) -> Iterator[DeploymentFolder]:
    """Of what is deployed, by name."""
    if root.is_dir():
        for path in sorted(root.iterdir()):
            folder = DeploymentFolder(path)
            if folder.exists():
                yield folder


class DeploymentFolder:
    """One deployment's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether anything is deployed."""
        return (self.path / _FILE).is_file()

    def read(self) -> tuple[Deployment, Mapping[str, Any]]:
        """The deployment, and its definition. Raises FlowkitError if the file is damaged."""
        file = self.path / _FILE
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            return _deployment(found["deployment"]), found["definition"]
        except (ValueError, KeyError, TypeError) as error:
            raise FlowkitError(f"{file} can't be read ({error}): deploy the flow again, or remove it") from error

    def write(self, deployment: Deployment, definition: Mapping[str, Any]) -> None:
        """Put the deployment in place of the one before, at once."""
        text = json.dumps({"deployment": attrs.asdict(deployment), "definition": definition}, indent=1)
        write_whole(self.path / _FILE, text)

    def code(self, sha256: str) -> Path:
        """The folder of one version's files."""
        return self.path / "code" / sha256

    def unpack(self, sha256: str, archive: Any) -> Path:
        """Have the files of a code package in their folder."""
        target = self.code(sha256)
        if target.is_dir():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=".unpacking-"))
        try:
            archive.unpack(staging)
            try:
                staging.rename(target)
            except OSError:  # another one was quicker
                if not target.is_dir():
                    raise
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return target

    def run_folder(self, run_id: str) -> RunFolder:
        """Of one run; it may not exist."""
        return RunFolder(self.path / "runs" / run_id)

    def run_folders(self) -> list[RunFolder]:
        """Of all runs, the newest first."""
        folder = self.path / "runs"
        found = [RunFolder(path) for path in folder.iterdir()] if folder.is_dir() else []
        known = [(run.asked_at, run) for run in found if run.exists()]
        return [run for _, run in sorted(known, key=lambda pair: pair[0], reverse=True)]

    def clean(self) -> None:
        """Remove versions of the code that nothing uses."""
        used = {run.code for run in self.run_folders() if run.is_alive()}
        if self.exists():
            used.add(self.read()[0].code)
        folder = self.path / "code"
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name not in used and not path.name.startswith("."):
                shutil.rmtree(path, ignore_errors=True)

    def remove(self) -> None:
        """Take the deployment away; what its runs that go on need stays until they have ended."""
        (self.path / _FILE).unlink()
        runs = self.run_folders()
        if not any(run.is_alive() for run in runs):
            shutil.rmtree(self.path, ignore_errors=True)
            return
        for run in runs:
            if not run.is_alive():
                shutil.rmtree(run.path, ignore_errors=True)
        self.clean()


def _deployment(found: Mapping[str, Any]) -> Deployment:
    parameters = tuple(ParameterSpec(**one) for one in found["parameters"])
    return Deployment(**{**found, "metadata": StoreRef(**found["metadata"]), "parameters": parameters})
