"""How a fresh interpreter is told its task, and tells what became of it.

The environment variable ``FLOWKIT_TASK`` is ``fd:R:W:P:C``: the specification is the content of the open file R;
secrets and the outcome are written to W, one JSON object a line; P is the process that must live; the interpreter
reports a crash to the open file C. Or it is ``file:SPEC:OUTCOME``: two paths, the second written when the attempt is
over. Only the first carries secrets to the launching process; with the second, the task masks its own output
(:mod:`flowkit.task.masking`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from flowkit.errors import InternalError
from flowkit.model.task import TaskOutcome, TaskSpec
from flowkit.task.codec import outcome_from_json, outcome_to_json, spec_from_json

__all__ = ["VARIABLE", "TaskChannel", "read_message"]

VARIABLE = "FLOWKIT_TASK"


class TaskChannel:
    """The task's end.

    Raises
    ------
    InternalError
        If ``address`` is malformed.
    """

    def __init__(self, address: str) -> None:
        kind, _, rest = address.partition(":")
        parts = rest.split(":")
        #: The process that this one must not outlive; None if there is none on this machine.
        self.parent: int | None = None
        #: An open file for the interpreter's report of a crash; None for stderr.
        self.crash_fd: int | None = None
        self._write_fd: int | None = None
        self._outcome_file: Path | None = None
        if kind == "fd" and len(parts) == 4 and all(part.isdigit() for part in parts):
            self._read_fd, self._write_fd, self.parent, self.crash_fd = (int(part) for part in parts)
            os.set_inheritable(self._write_fd, False)
            os.set_inheritable(self.crash_fd, False)
        elif kind == "file" and len(parts) == 2:
            self._read_fd = os.open(parts[0], os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
            self._outcome_file = Path(parts[1])
        else:
            raise InternalError(f"{VARIABLE}={address!r} is not of the form fd:R:W:P:C or file:SPEC:OUTCOME")

    def spec(self) -> TaskSpec:
        """The task. Can be read once."""
        with open(self._read_fd, "rb") as file:
            return spec_from_json(file.read())

    @property
    def carries_secrets(self) -> bool:
        """Whether the other end redacts what it is sent by :meth:`send_secrets`."""
        return self._write_fd is not None

    def send_secrets(self, values: Sequence[str]) -> None:
        """Values to redact from here on."""
        self._send(b'{"secrets":%b}\n' % json.dumps(list(values)).encode())

    def send_outcome(self, outcome: TaskOutcome) -> None:
        """How the attempt ended."""
        data = outcome_to_json(outcome)
        if self._outcome_file is not None:
            draft = self._outcome_file.with_name(f"{self._outcome_file.name}.{os.getpid()}")
            draft.write_bytes(data)
            draft.replace(self._outcome_file)
        self._send(b'{"outcome":%b}\n' % data)

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view and self._write_fd is not None:
            view = view[os.write(self._write_fd, view) :]


def read_message(line: bytes) -> TaskOutcome | tuple[str, ...]:
    """One line that came out of a channel: the outcome, or secrets."""
    document = json.loads(line)
    if "secrets" in document:
        return tuple(document["secrets"])
    return outcome_from_json(json.dumps(document["outcome"]))
