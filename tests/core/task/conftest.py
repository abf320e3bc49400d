"""One task after the other of a small flow, each attempt run in the test's own process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.authoring.current import current
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.compile.compiler import CompiledFlow, compile_flow
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.kernel.registry import Registry
from flowkit.model.artifact import Manifest
from flowkit.model.task import ForeachFrame, InputRef, RunSpec, StoreRef, TaskOutcome, TaskSpec
from flowkit.settings import Settings
from flowkit.task.attempt import run_attempt
from flowkit.task.user_module import find_flow_class, load_flow_file

HEAD = "from flowkit import *\nfrom flowkit import FlowSpec, step, current\n"


class Tasks:
    """Runs attempts of tasks of one flow."""

    def __init__(self, folder: Path, source: str) -> None:
        file = folder / "flow.py"
        file.write_text(HEAD + source)
        self.settings = Settings.load()
        self.registry = Registry.for_flow(self.settings, file)
        self.compiled: CompiledFlow = compile_flow(find_flow_class(load_flow_file(file)), self.registry)
        self.folder = folder / "store"
        root = StoreRef("local", str(self.folder))
        self.run_spec = RunSpec(
            self.compiled.name, str(file), "7", root, root, "ann", tags=("t",), namespace="user:ann"
        )
        self.datastore = LocalDatastore(str(self.folder))
        self.store = ArtifactStore(self.datastore, self.compiled.name, SerializerTable.from_registry(self.registry))
        self.secrets: list[str] = []
        self._next_id = 0

    def decorate(self, step: str, *decorators: StepDecorator) -> None:
        """Put decorators on a step."""
        found = {**self.compiled.step_decorators, step: decorators}
        self.compiled = attrs.evolve(self.compiled, step_decorators=found)

    def spec(self, step: str, *inputs: TaskOutcome, **fields: Any) -> TaskSpec:
        """A task that follows others."""
        self._next_id += 1
        refs = []
        for outcome in inputs:
            assert outcome.manifest is not None
            manifest = self.manifest(outcome)
            refs.append(InputRef(manifest.step, manifest.task_id, manifest.attempt, outcome.manifest))
        return TaskSpec(self.run_spec, step, fields.pop("task_id", str(self._next_id)), inputs=tuple(refs), **fields)

    def run(
        self, step: str, *inputs: TaskOutcome, extras: Mapping[str, Any] | None = None, **fields: Any
    ) -> TaskOutcome:
        """Run one attempt."""
        return self.attempt(self.spec(step, *inputs, **fields), extras)

    def attempt(self, spec: TaskSpec, extras: Mapping[str, Any] | None = None) -> TaskOutcome:
        """Run the attempt of a specification."""
        return run_attempt(
            spec,
            self.compiled,
            self.registry,
            self.settings,
            send_secrets=self.secrets.extend,
            current_extras=extras or {},
        )

    def done(self, step: str, *inputs: TaskOutcome, **fields: Any) -> TaskOutcome:
        """Run one attempt that must succeed."""
        outcome = self.run(step, *inputs, **fields)
        assert outcome.status == "succeeded", outcome.failure
        return outcome

    def split(self, step: str, split: TaskOutcome, **fields: Any) -> list[TaskOutcome]:
        """Run the tasks of a split."""
        where = split.transition
        assert where is not None
        assert where.num_splits is not None
        return [
            self.done(
                step,
                split,
                frames=(ForeachFrame("start", "1", where.foreach or "", index, where.num_splits, where.items),),
                **fields,
            )
            for index in range(where.num_splits)
        ]

    def manifest(self, outcome: TaskOutcome) -> Manifest:
        """What an attempt wrote."""
        assert outcome.manifest is not None
        return self.store.read_manifest(outcome.manifest)

    def names(self, outcome: TaskOutcome) -> set[str]:
        """Its artifacts."""
        return set(self.manifest(outcome).artifacts)

    def value(self, outcome: TaskOutcome, name: str) -> Any:
        """One artifact."""
        return self.store.load(self.manifest(outcome).artifacts[name])


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Tasks]]:
    """Makes :class:`Tasks` from a flow's source (the import of FlowSpec and step is there)."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield lambda source: Tasks(tmp_path, source)
    current._clear()
