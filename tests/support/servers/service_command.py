"""A service that is started as a user starts it."""

from __future__ import annotations

import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from support.project import Project

__all__ = ["Service", "service_up"]


@attrs.frozen
class Service:
    """One that runs."""

    process: subprocess.Popen[str]
    url: str
    #: Empty if it asks for none.
    token: str

    def end(self) -> tuple[int, str]:
        """Tell it to end: its exit code, and what it wrote to stderr."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


@contextmanager
def service_up(project: Project, *options: str) -> Iterator[Service]:
    """``flowkit service up`` while the context lasts; on a free port if the options name none."""
    words = [*options] if "--port" in options else ["--port", "0", *options]
    process = project.popen("service", "up", *words, flow=str(Path(sysconfig.get_path("scripts")) / "flowkit"))
    assert process.stdout is not None
    try:
        found: dict[str, str] = {}
        wanted = 1 if "--no-token" in options else 2
        while len(found) < wanted:
            line = process.stdout.readline()
            if not line:
                process.wait(10)
                assert process.stderr is not None
                raise AssertionError(f"it ended with {process.returncode}: {process.stderr.read()}")
            name, _, value = line.strip().partition("=")
            found[name] = value
        yield Service(process, found["FLOWKIT_SERVICE_URL"], found.get("FLOWKIT_SERVICE_AUTH_KEY", ""))
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
