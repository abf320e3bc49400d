"""A folder in which one tool runs one flow."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import attrs
from environments import HERE, Tool

__all__ = ["Finished", "Workspace", "peak_megabytes"]


@attrs.frozen
class Finished:
    """A process that has ended."""

    seconds: float
    stdout: str
    stderr: str
    #: User and system time of the process and of those that it waited for, seconds.
    cpu: float


@attrs.frozen
class Workspace:
    """Flows and readers of one tool, in a folder that goes away."""

    tool: Tool
    path: Path

    @classmethod
    def make(cls, tool: Tool) -> Workspace:
        """A new one, with all flows and readers in it."""
        path = Path(tempfile.mkdtemp(prefix=f"bench-{tool.name}-"))
        for folder in ("flows", "readers"):
            for file in (HERE / folder).glob("*.py"):
                (path / file.name).write_text(tool.source(file.read_text()))
        return cls(tool, path)

    def python(self, *arguments: str, env: Mapping[str, str] | None = None, check: bool = True) -> Finished:
        """Run the tool's interpreter here, and time it as a whole process."""
        variables = {**self.tool.variables(self.path), **(env or {})}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        done = subprocess.run(
            [self.tool.python, *arguments], cwd=self.path, env=variables, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.tool.name} {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Finished(seconds, done.stdout, done.stderr, cpu)

    def watched(self, *arguments: str, env: Mapping[str, str] | None = None) -> tuple[Finished, float]:
        """Run the tool's interpreter here; also the most memory that this one process had, in MB.

        Looked at 50 times a second, so that what it takes in its last 20 ms is not seen.
        """
        variables = {**self.tool.variables(self.path), **(env or {})}
        peak = 0.0
        began = time.perf_counter()
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                [self.tool.python, *arguments],
                cwd=self.path,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            while process.poll() is None:
                peak = peak_megabytes(process.pid) or peak
                time.sleep(0.02)
            seconds = time.perf_counter() - began
            output.seek(0)
            shown = output.read()
        if process.returncode != 0:
            raise RuntimeError(f"{self.tool.name} {' '.join(arguments)} failed:\n{shown}")
        return Finished(seconds, shown, "", 0.0), peak

    def clear(self) -> None:
        """Forget all runs."""
        for name in (".flowkit", ".metaflow"):
            shutil.rmtree(self.path / name, ignore_errors=True)

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)

    def stored_bytes(self) -> int:
        """Bytes of all files that the tool keeps here."""
        total = 0
        for name in (".flowkit", ".metaflow"):
            for folder, _, files in os.walk(self.path / name):
                total += sum(os.path.getsize(os.path.join(folder, file)) for file in files)
        return total

    def stored_files(self) -> int:
        """How many files the tool keeps here."""
        return sum(len(files) for name in (".flowkit", ".metaflow") for _, _, files in os.walk(self.path / name))


def peak_megabytes(pid: int) -> float:
    """The most memory that a process has had resident; 0 where it has ended."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) * 1.024 / 1000 for line in status if line.startswith("VmHWM")), 0.0)
    except OSError:
        return 0.0
