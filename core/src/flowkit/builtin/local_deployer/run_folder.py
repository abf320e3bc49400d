"""One background run: what it was asked for, whether it lives, and how it ended.

::

    run.json      what to run; written once
    lock          locked by the run's process, and by all that it forks, for as long as any of them lives
    pid           of that process
    log           what it writes
    started       there once the run is recorded
    terminated    there once a user has asked for its end
    outcome.json  how it ended; missing if its process was killed
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from flowkit.builtin.local_deployer.whole_file import write_whole
from flowkit.errors import FlowkitError
from flowkit.model.deployment import DeployedRun, DeployedRunStatus

__all__ = ["RunFolder"]

#: Starts a program as no child of whoever triggers a run: that one need not wait for it, and leaves no zombie. Whoever
#: asks for its end says so first, and then looks for the number: one of the two is seen.
_DETACH = """
import os, sys
if os.fork():
    os._exit(0)
folder = sys.argv[-1]
with open(os.path.join(folder, "pid"), "w") as file:
    file.write(str(os.getpid()))
if not os.path.exists(os.path.join(folder, "terminated")):
    os.execv(sys.argv[1], sys.argv[1:])
"""


class RunFolder:
    """One run's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def request(self) -> Mapping[str, Any]:
        """What to run. Raises FileNotFoundError if there is no such run."""
        found: Mapping[str, Any] = json.loads((self.path / "run.json").read_text(encoding="utf-8"))
        return found

    @property
    def asked_at(self) -> float:
        """When it was asked for, in seconds since the epoch."""
        return float(self.request["asked_at"])

    @property
    def code(self) -> str:
        """Hash of the code that it runs."""
        return str(self.request["code"])

    @property
    def started_file(self) -> Path:
        """Written once the run is recorded."""
        return self.path / "started"

    # --- its process -----------------------------------------------------------------------------------------------

    def start(
        self, request: Mapping[str, Any], command: Sequence[str], environment: Mapping[str, str], cwd: Path
    ) -> None:
        """Start the process, in a session of its own. Raises FlowkitError if it can't be."""
        write_whole(self.path / "run.json", json.dumps(request, indent=1))
        with open(self.path / "lock", "wb") as lock, open(self.path / "log", "wb") as log:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                subprocess.run(
                    [command[0], "-ISc", _DETACH, *command, str(self.path)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=dict(environment),
                    cwd=cwd,
                    pass_fds=[lock.fileno()],
                    start_new_session=True,
                    check=True,
                )
            except OSError as error:
                raise FlowkitError(f"{command[0]} can't be started: {error.strerror}") from error
            except subprocess.CalledProcessError as error:
                raise FlowkitError(f"{command[0]} can't be started; see {self.path / 'log'}") from error

    def is_alive(self) -> bool:
        """Whether its process, or one that it forked, lives."""
        try:
            descriptor = os.open(self.path / "lock", os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def terminate(self) -> bool:
        """Ask it to end, as Ctrl-C would: its tasks are given 5 s. False if it had ended."""
        if not self.is_alive():
            return False
        write_whole(self.path / "terminated", "")
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            os.kill(int((self.path / "pid").read_text()), signal.SIGTERM)
        return True

    def end(self, exit_code: int, *, timed_out: bool) -> None:
        """Record how it ended; called in its process."""
        outcome = {"exit_code": exit_code, "timed_out": timed_out, "finished_at": time.time()}
        write_whole(self.path / "outcome.json", json.dumps(outcome))

    # --- how it is -------------------------------------------------------------------------------------------------

    def run(self) -> DeployedRun:
        """As the deployer shows it. Raises FileNotFoundError if there is no such run."""
        lives = self.is_alive()
        # Read after that: what ended between the two has written it.
        outcome = self._outcome()
        status = self._status(lives, outcome)
        return DeployedRun(
            deployment=str(self.request["name"]),
            flow=str(self.request["flow"]),
            run_id=self.path.name,
            status=status,
            started_at=self._started_at(),
            finished_at=outcome.get("finished_at"),
            phase=status.title().replace("_", ""),
            message=self._last_line() if status == "failed" else "",
        )

    def _status(self, lives: bool, outcome: Mapping[str, Any]) -> DeployedRunStatus:
        if outcome.get("exit_code") == 0:
            return "succeeded"
        if outcome.get("timed_out"):
            return "timed_out"
        if not outcome and lives:
            return "running" if self.started_file.exists() else "pending"
        return "terminated" if (self.path / "terminated").exists() else "failed"

    def _started_at(self) -> float | None:
        try:
            return self.started_file.stat().st_mtime
        except FileNotFoundError:
            return None

    def _outcome(self) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = json.loads((self.path / "outcome.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    def _last_line(self) -> str:
        """What it wrote last that isn't a suggestion."""
        try:
            with open(self.path / "log", "rb") as file:
                file.seek(max(os.fstat(file.fileno()).st_size - 8000, 0))
                lines = file.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return "its process was never started: what triggered it was ended"
        told = [line.strip() for line in lines if line.strip() and not line.startswith(("    ", "Try:"))]
        return told[-1] if told else f"it ended without a word; see {self.path / 'log'}"
