"""The test's side of :mod:`flowkit.testing.compute_driver`: a launching process to talk to."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from flowkit.engine.task_log import TaskLog
from flowkit.model.task import RunSpec, StoreRef, TaskOutcome, TaskSpec
from flowkit.task.codec import outcome_from_json, spec_to_json

__all__ = ["Launcher"]

T = TypeVar("T")
_PATIENCE_SECONDS = 60.0


class Launcher:
    """Starts a launching process for a flow, submits tasks to its backend, and collects what it reports.

    Parameters
    ----------
    folder
        Where the flow's file and the artifacts go.
    flow
        Source of a file with one flow.
    backend
        ``module:Class`` of the backend.
    arguments
        For the backend's class.
    options
        For its ``LaunchContext``: ``task_start``, ``preload``. And ``no_plugin``, the plugins to leave out.
    """

    def __init__(
        self,
        folder: Path,
        flow: str,
        backend: str = "flowkit.builtin.local_compute:LocalCompute",
        arguments: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.folder = folder
        self.flow_file = folder / "flow.py"
        self.flow_file.write_text(flow)
        self.events: list[dict[str, Any]] = []
        self._rest = b""
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "flowkit.testing.compute_driver"),
                *(str(self.flow_file), backend, json.dumps([dict(arguments or {}), options])),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
        )
        self.wait("prepared")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The launching process."""
        return self._process.pid

    @property
    def explanations(self) -> list[str]:
        """What the backend said about its ways."""
        return [event["line"] for event in self.events if event["event"] == "explain"]

    # --- commands --------------------------------------------------------------------------------------------------

    def spec(self, step: str, task_id: str, **fields: Any) -> TaskSpec:
        """A specification of a task of this flow."""
        root = str(self.folder / "store")
        run = RunSpec(
            flow=fields.pop("flow", "ContractFlow"),
            flow_file=str(self.flow_file),
            run_id="1",
            datastore=StoreRef("local", root),
            metadata=StoreRef("local", root),
            username="tester",
        )
        return TaskSpec(run=run, step=step, task_id=task_id, **fields)

    def submit(self, step: str, task_id: str = "1", **fields: Any) -> TaskSpec:
        """Begin an attempt."""
        spec = self.spec(step, task_id, **fields)
        self._tell({"do": "submit", "spec": json.loads(spec_to_json(spec))})
        return spec

    def run(self, step: str, task_id: str = "1", **fields: Any) -> TaskOutcome:
        """Begin an attempt and wait for its end."""
        return self.outcome(self.submit(step, task_id, **fields))

    def cancel(self, spec: TaskSpec, *, force: bool = False) -> None:
        """End an attempt."""
        self._tell({"do": "cancel", "task": spec.task_id, "attempt": spec.attempt, "force": force})

    def close(self) -> None:
        """Close the backend and end the launching process."""
        try:
            if self._process.poll() is None and self._process.stdin is not None:
                self._process.stdin.close()
                self.wait("closed")
        finally:
            if self._process.poll() is None:
                try:
                    self._process.wait(5)
                except subprocess.TimeoutExpired:
                    self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()

    def kill(self, signum: int) -> None:
        """Send the launching process a signal and wait for its end."""
        self._process.send_signal(signum)
        self._process.wait()

    def _tell(self, command: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        self._process.stdin.flush()

    # --- events ----------------------------------------------------------------------------------------------------

    def wait(self, event: str) -> dict[str, Any]:
        """Wait for the first event of its kind."""
        return self.wait_until(lambda: next((one for one in self.events if one["event"] == event), None), event)

    def wait_until(self, find: Callable[[], T | None], what: str) -> T:
        """Take events until ``find`` finds something; returns that.

        Raises
        ------
        TimeoutError
            If it doesn't within a minute.
        EOFError
            If the launching process ends before.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (found := find()):
            assert self._process.stdout is not None
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise TimeoutError(f"no {what} came; the last events: {self.events[-10:]}")
            self._read_events(self._process.stdout.fileno())
        return found

    def _read_events(self, fd: int) -> None:
        data = os.read(fd, 1 << 20)
        if not data:
            raise EOFError(
                f"the launching process ended ({self._process.wait()}); the last events: {self.events[-10:]}"
            )
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.events.extend(json.loads(line) for line in lines)

    def outcome(self, spec: TaskSpec) -> TaskOutcome:
        """Wait for the end of an attempt."""
        return self.wait_until(lambda: self.ended(spec), f"end of {spec.task_id}")[0]

    def ended(self, spec: TaskSpec) -> list[TaskOutcome]:
        """Ends reported so far of an attempt: there must never be two."""
        return [outcome_from_json(json.dumps(one["outcome"])) for one in self._of(spec, "ended")]

    def output(self, spec: TaskSpec, stream: str = "stdout") -> bytes:
        """Output reported so far of an attempt."""
        pieces = (one["data"] for one in self._of(spec, "output") if one["stream"] == stream)
        return b"".join(base64.b64decode(piece) for piece in pieces)

    def redacted(self, spec: TaskSpec, stream: str = "stdout") -> bytes:
        """That output as a run shows and stores it: without the secrets that were reported before it."""
        lines: list[bytes] = []
        log = TaskLog(None, lambda _stream, _time, line: lines.append(line))
        for one in self.events:
            if (one.get("task"), one.get("attempt")) != (spec.task_id, spec.attempt):
                continue
            if one["event"] == "secrets":
                log.add_secrets(one["values"])
            elif one["event"] == "output" and one["stream"] == stream:
                log.append(one["stream"], one["time"], base64.b64decode(one["data"]))
        log.close()
        return b"".join(lines)

    def wait_for_output(self, spec: TaskSpec, text: bytes, stream: str = "stdout") -> bytes:
        """Wait until ``text`` is in the output; returns all of it."""
        self.wait_until(lambda: text in self.output(spec, stream), f"output {text!r}")
        return self.output(spec, stream)

    def info(self, spec: TaskSpec) -> Mapping[str, str]:
        """Wait until an attempt starts; returns what was reported with it."""
        found = self.wait_until(lambda: self._of(spec, "started"), f"start of {spec.task_id}")
        info: Mapping[str, str] = found[0]["info"]
        return info

    def _of(self, spec: TaskSpec, event: str) -> list[dict[str, Any]]:
        own = (event, spec.task_id, spec.attempt)
        return [one for one in self.events if (one["event"], one.get("task"), one.get("attempt")) == own]
