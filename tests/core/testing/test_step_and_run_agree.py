"""Each step of the flows that are compared with Metaflow: by ``run_step``, it leaves what its task in a run left."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from flowkit.authoring.entry import only_importing
from flowkit.authoring.flowspec import steps_of
from flowkit.client import Run, Task
from flowkit.client.source import source_of
from flowkit.errors import ConfigurationError, GraphError, InvalidDecorator, ParameterError
from flowkit.model.record import Page, TaskFilter, TaskRecord
from flowkit.task.user_module import find_flow_class
from flowkit.testing import StepResult, run_flow, run_step
from support.parity.flows import ComparedFlow, compared_flows

#: Why the tasks of a flow can't be run again one by one here.
NOT_COMPARED = {
    "config_files": "its steps change the files that its configurations are read from",
    "current_values": "its steps read their own run with the client",
    "parameters": "the first command leaves out a parameter that the steps don't all need",
    "exit_hooks": "its hooks write the file that its steps read",
}
#: Artifacts that no two runs have in common.
VARYING = {"random_state": {"items", "numbers"}}
FLOWS = [
    flow
    for flow in compared_flows()
    if flow.commands[0].arguments == ("run",) and not flow.commands[0].variables and flow.id not in NOT_COMPARED
]


@pytest.fixture(params=FLOWS, ids=lambda flow: flow.id)
def flow(request: pytest.FixtureRequest) -> ComparedFlow:
    """One flow."""
    compared: ComparedFlow = request.param
    return compared


@pytest.fixture
def flow_class(flow: ComparedFlow, tmp_path: Path) -> Iterator[type[Any]]:
    """Its class, imported."""
    name = f"compared_{flow.id}"
    file = tmp_path / f"{name}.py"
    file.write_text(flow.source, encoding="utf-8")
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    variables = dict(os.environ)  # a flow's module may set some
    with only_importing():
        spec.loader.exec_module(module)
    yield find_flow_class(module, flow.flow_name)
    del sys.modules[name]
    os.environ.clear()
    os.environ.update(variables)


def test_steps(flow: ComparedFlow, flow_class: type[Any], tmp_path: Path) -> None:
    run = refusal = None
    try:
        run = run_flow(flow_class, home=tmp_path / "home", raises=False)
    except (GraphError, ParameterError, ConfigurationError, InvalidDecorator) as error:
        refusal = error
    if run is None:
        # Then no step can be run, either.
        with pytest.raises(type(refusal), match=re.escape(str(refusal))):
            run_step(flow_class, next(iter(steps_of(flow_class))))
        return
    records = records_of(run)
    for record in records:
        task = run[record.step][record.task_id]
        if task.successful:
            check_task(flow, flow_class, run, task, record)


def check_task(flow: ComparedFlow, flow_class: type[Any], run: Run, task: Task, record: TaskRecord) -> None:
    result = again(flow, flow_class, run, task, record)
    theirs = artifacts_of(task, flow)
    ours = {name: value for name, value in result.artifacts.items() if name in theirs or not name.startswith("_")}
    assert sorted(ours) == sorted(theirs), record.step
    varying = VARYING.get(flow.id, set())
    assert {name: shown(value) for name, value in ours.items() if name not in varying} == {
        name: shown(value) for name, value in theirs.items() if name not in varying
    }, record.step


def again(flow: ComparedFlow, flow_class: type[Any], run: Run, task: Task, record: TaskRecord) -> StepResult:
    before = [StepResult(parent.parent.id, artifacts_of(parent, flow)) for parent in task.parent_tasks]
    stack = [(index, count, item_of(run, *frame)) for frame in record.frames for index, count in [frame[3:]]]
    is_join = flow_class(use_cli=False)._graph[record.step].is_join
    return run_step(
        flow_class,
        record.step,
        inputs=before if is_join else (before or [{}])[0],
        foreach_stack=stack,
    )


def artifacts_of(task: Task, flow: ComparedFlow) -> dict[str, Any]:
    names = [artifact.id for artifact in task]
    mangled = [f"_{flow.flow_name}{name}" for name in re.findall(r"self\.(__[a-z]\w*) = ", flow.source)]
    private = [*flow.private_names, *mangled]
    return {name: task[name].data for name in [*names, *(name for name in private if name in task)]}


def item_of(run: Run, step: str, task_id: str, variable: str, index: int, count: int | None) -> Any:
    return list(run[step][task_id][variable].data)[index] if variable else index


def records_of(run: Run) -> list[TaskRecord]:
    found = source_of(run._view.metadata).reader.tasks(run.parent.id, run.id, TaskFilter(), Page(newest_first=False))
    return list(found.items)


def shown(value: Any) -> str:
    text = repr(value)
    return f"{type(value)} {vars(value)}" if " object at 0x" in text else text
