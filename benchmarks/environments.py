"""The interpreters that are compared: FlowKit's, and one of its own for each other framework from the package index."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import attrs

__all__ = ["Tool", "dagster", "flowkit", "metaflow", "prefect"]

HERE = Path(__file__).parent
METAFLOW = "metaflow==2.19.*"
# Prefect 3.8 takes newer releases of fastapi too, with which it doesn't start.
PREFECT = ("prefect==3.8.*", "fastapi==0.139.*")
DAGSTER = ("dagster==1.13.*",)
SHARED = ("numpy", "pandas")


@attrs.frozen
class Tool:
    """One of the frameworks, and how to run it."""

    name: str
    python: Path
    #: Prefix of its environment variables.
    prefix: str

    def variables(self, home: Path) -> dict[str, str]:
        """An environment in which it writes below ``home`` and nowhere else."""
        dropped = ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in dropped and not name.startswith(("FLOWKIT_", "METAFLOW_", "PREFECT_", "DAGSTER_"))
        }
        return {
            **kept,
            "HOME": str(home),
            f"{self.prefix}_USER": "bench",
            f"{self.prefix}_DATASTORE_SYSROOT_LOCAL": str(home),
        }

    def source(self, text: str) -> str:
        """A flow's or a reader's source as this tool runs it: only names differ."""
        if self.name == "flowkit":
            return text
        for own, other in (
            ("from flowkit import", "from metaflow import"),
            ("from flowkit.cards import", "from metaflow.cards import"),
            ("import flowkit", "import metaflow"),
        ):
            text = text.replace(own, other)
        return text

    def version(self) -> str:
        """Version of the installed package."""
        code = f"import importlib.metadata as m; print(m.version({self.name!r}))"
        return subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def flowkit() -> Tool:
    """The interpreter that runs the benchmarks: FlowKit is installed in it as a user would."""
    return Tool("flowkit", Path(sys.executable), "FLOWKIT")


def metaflow() -> Tool:
    """Metaflow in an environment of its own, with the same numpy and pandas."""
    pinned = [f"{name}=={_own_version(name)}" for name in SHARED]
    return Tool("metaflow", _made("metaflow", METAFLOW, *pinned), "METAFLOW")


def prefect() -> Tool:
    """Prefect in an environment of its own."""
    return Tool("prefect", _made("prefect", *PREFECT), "PREFECT")


def dagster() -> Tool:
    """Dagster in an environment of its own."""
    return Tool("dagster", _made("dagster", *DAGSTER), "DAGSTER")


def _made(name: str, *packages: str) -> Path:
    """The interpreter of an environment that is made on first use."""
    folder = HERE.parent / f".venv-{name}-bench"
    python = folder / "bin" / "python"
    marker = folder / "installed"
    if not marker.exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", *packages], check=True)
        marker.touch()
    return python


def _own_version(name: str) -> str:
    from importlib.metadata import version

    return version(name)
