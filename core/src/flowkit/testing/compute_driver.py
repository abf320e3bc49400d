"""A small launching process for tests of compute backends: commands on stdin, events on stdout, a JSON object a line.

``python -m flowkit.testing.compute_driver FLOW_FILE BACKEND OPTIONS`` runs the flow's file as ``__main__``, prepares
the backend (``module:Class``), and then does what it is told: ``submit`` a specification, ``cancel`` one, ``close``.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import attrs

from flowkit.compile.compiler import compile_flow
from flowkit.compile.imports import imported_modules
from flowkit.engine.reactor import SelectorReactor
from flowkit.interfaces.compute_backend import ComputeBackend, LaunchContext
from flowkit.kernel.registry import Registry
from flowkit.model.log import Stream
from flowkit.model.task import TaskOutcome, TaskSpec
from flowkit.settings import Settings
from flowkit.task.codec import outcome_to_json, spec_from_json
from flowkit.task.user_module import find_flow_class, load_flow_file

__all__ = ["main"]


class _Events:
    """Reports all that the backend says. A :class:`flowkit.interfaces.compute_backend.TaskListener`."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", buffering=1)
        # The flow may print when it is imported: that is not for the one who reads events.
        os.dup2(2, 1)

    def say(self, event: str, **details: Any) -> None:
        print(json.dumps({"event": event, **details}), file=self._out)

    def task_started(self, spec: TaskSpec, info: Mapping[str, str]) -> None:
        self.say("started", task=spec.task_id, attempt=spec.attempt, info=dict(info))

    def task_output(self, spec: TaskSpec, stream: Stream, time: float, data: bytes) -> None:
        text = base64.b64encode(data).decode()
        self.say("output", task=spec.task_id, attempt=spec.attempt, stream=stream, time=time, data=text)

    def task_secrets(self, spec: TaskSpec, values: Sequence[str]) -> None:
        self.say("secrets", task=spec.task_id, attempt=spec.attempt, values=list(values))

    def task_ended(self, spec: TaskSpec, outcome: TaskOutcome) -> None:
        document = json.loads(outcome_to_json(outcome))
        self.say("ended", task=spec.task_id, attempt=spec.attempt, outcome=document)


class _Driver:
    def __init__(self, backend: ComputeBackend, events: _Events, variables: Mapping[str, str]) -> None:
        self._backend = backend
        self._variables = variables
        self._events = events
        self._reactor = SelectorReactor()
        self._specs: dict[tuple[str, int], TaskSpec] = {}
        self._rest = b""
        self._is_closed = False

    def run(self) -> None:
        self._backend.start(self._reactor, self._events)
        os.set_blocking(0, False)
        self._reactor.add_reader(0, self._read)
        while not self._is_closed:
            self._reactor.run_once()
        self._backend.close()
        self._events.say("closed")

    def _read(self) -> None:
        data = os.read(0, 1 << 20)
        self._is_closed = self._is_closed or not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, command: Mapping[str, Any]) -> None:
        if command["do"] == "submit":
            spec = spec_from_json(json.dumps(command["spec"]))
            spec = attrs.evolve(spec, run=attrs.evolve(spec.run, variables=self._variables))
            self._specs[spec.task_id, spec.attempt] = spec
            self._backend.submit(spec)
        elif command["do"] == "cancel":
            self._backend.cancel(self._specs[command["task"], command["attempt"]], force=command["force"])
        else:
            self._is_closed = True


def main(argv: Sequence[str]) -> None:
    """Run one driver."""
    flow_file, backend_name, (arguments, options) = argv[0], argv[1], json.loads(argv[2])
    events = _Events()
    module = load_flow_file(flow_file)
    settings = Settings.load()
    registry = Registry.for_flow(settings, flow_file, block=options.pop("no_plugin", ()))
    flow_class = find_flow_class(module)
    compiled = compile_flow(flow_class, registry)
    where, _, name = backend_name.partition(":")
    backend = getattr(import_module(where), name)(**arguments)
    backend.prepare(
        LaunchContext(
            flow_class=flow_class,
            flow_file=flow_file,
            preload=options.pop("preload", None) or imported_modules(flow_class, compiled.graph),
            max_workers=4,
            explain=lambda line: events.say("explain", line=line),
            compiled=compiled,
            registry=registry,
            settings=settings,
            **options,
        )
    )
    events.say("prepared", pid=os.getpid())
    _Driver(backend, events, registry.variables()).run()


if __name__ == "__main__":
    main(sys.argv[1:])
