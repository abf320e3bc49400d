"""Writes ``flowkit-stubs`` to a folder, or installs it as a distribution that pip can remove."""

from __future__ import annotations

import base64
import hashlib
import shutil
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from flowkit.cli.stubs.package import HEADER, StubPackage
from flowkit.errors import CommandError, FlowkitError
from flowkit.version import __version__

__all__ = ["install_stubs", "write_stubs"]

FOLDER = "flowkit-stubs"


def write_stubs(package: StubPackage, parent: Path) -> Path:
    """Write the folder ``flowkit-stubs`` below ``parent``, in place of one that was written so before.

    Raises
    ------
    CommandError
        If there is such a folder with files of someone else's.
    FlowkitError
        If it can't be written.
    """
    folder = parent / FOLDER
    foreign = [file for file in folder.rglob("*") if file.is_file() and not _is_own(file)]
    if foreign:
        raise CommandError(f"{folder} has files that 'flowkit stubs' didn't write ({foreign[0].name}): choose another")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        _write(folder, package.files)
    except OSError as error:
        raise FlowkitError(f"{folder} can't be written: {error.strerror}; name a folder with --output DIR") from error
    return folder


def install_stubs(package: StubPackage) -> Path:
    """Write the folder to where this interpreter's packages are, with what pip needs to remove it. Raises as above."""
    site = Path(sysconfig.get_path("purelib"))
    folder = write_stubs(package, site)
    facts = site / f"flowkit_stubs-{__version__}.dist-info"
    try:
        for old in site.glob("flowkit_stubs-*.dist-info"):
            shutil.rmtree(old)
        metadata = (
            f"Metadata-Version: 2.1\nName: flowkit-stubs\nVersion: {__version__}\n"
            "Summary: Types of what installed plugins add to FlowKit\n"
        )
        own = {"METADATA": metadata, "INSTALLER": "flowkit\n", "top_level.txt": f"{FOLDER}\n"}
        _write(facts, own)
        files = {**{f"{FOLDER}/{name}": text for name, text in package.files.items()}}
        files |= {f"{facts.name}/{name}": text for name, text in own.items()}
        record = "".join(f"{name},{_digest(text)},{len(text.encode())}\n" for name, text in sorted(files.items()))
        _write(facts, {"RECORD": f"{record}{facts.name}/RECORD,,\n"})
    except OSError as error:
        raise FlowkitError(f"{facts} can't be written: {error.strerror}") from error
    return folder


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _is_own(file: Path) -> bool:
    if file.name == "py.typed":
        return True
    with file.open(encoding="utf-8", errors="replace") as stream:
        return stream.readline().rstrip("\n") == HEADER


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
