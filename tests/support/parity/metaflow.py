"""An environment with Metaflow in it: made once, beside the tests' own, and used by all processes of all sessions."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from support.need import missing
from support.sources import ROOT

__all__ = ["METAFLOW_VERSION", "metaflow_python"]

_REQUIREMENTS = ROOT / "requirements" / "metaflow.txt"


def _pinned_version() -> str:
    lines = _REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith("metaflow=="))


#: The one that is compared with.
METAFLOW_VERSION = _pinned_version()


def metaflow_python() -> Path:
    """The interpreter of ``.venv-metaflow``, which is made if it isn't there; the test ends where it can't be.

    ``FLOWKIT_TEST_METAFLOW_VENV`` names another folder for it.
    """
    folder = Path(_OTHER_FOLDER or ROOT / f".venv-metaflow-{sys.version_info.major}.{sys.version_info.minor}")
    wanted = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    mark = folder / "requirements.sha256"
    folder.mkdir(parents=True, exist_ok=True)
    # The one file that all processes have.
    with _REQUIREMENTS.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != wanted:
            _make(folder)
            mark.write_text(wanted)
    return folder / "bin" / "python"


def _make(folder: Path) -> None:
    interpreter = folder / "bin" / "python"
    uv = [sys.executable, str(ROOT / "scripts" / "uv.py"), "pip", "install", "--quiet", "--python", str(interpreter)]
    for command in (
        [sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)],
        [*uv, "-r", str(_REQUIREMENTS)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            missing(f"Metaflow (its environment can't be made: {done.stderr.strip()[-400:]})")


#: Read when tests are collected: they take FLOWKIT_ variables away from the environment.
_OTHER_FOLDER = os.environ.get("FLOWKIT_TEST_METAFLOW_VENV")
