"""Flows, runs, steps and tasks, as records and manifests say."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flowkit.client import (
    DataArtifact,
    Flow,
    FlowKit,
    Run,
    Step,
    Task,
    TaskCode,
    default_metadata,
    get_metadata,
    metadata,
    namespace,
)
from flowkit.errors import InvalidPathspec, NamespaceMismatch, NotFound, UnknownCapability
from support.recorded_run import FLOW, RecordedRun, graph


def test_everything_is_newest_first(run: RecordedRun, root: Path) -> None:
    for step in ("start", "work", "work", "end"):
        run.task(step)
    RecordedRun(root, "2", created_at=run.record.created_at + 10)
    RecordedRun(root, "1", flow="OtherFlow")
    assert [flow.id for flow in FlowKit()] == ["OtherFlow", FLOW]
    assert [flow.id for flow in FlowKit().flows] == ["OtherFlow", FLOW]
    assert [one.id for one in Flow(FLOW)] == ["2", "1"]
    assert [step.id for step in Run(f"{FLOW}/1")] == ["end", "work", "start"]
    assert [task.id for task in Step(f"{FLOW}/1/work")] == ["3", "2"]
    newest = Step(f"{FLOW}/1/work").task
    assert newest is not None
    assert newest.id == "3"


def test_children_are_found_by_id_and_by_in(run: RecordedRun) -> None:
    run.task("start", {"x": 1, "_hidden": 2})
    task = FlowKit()[FLOW]["1"]["start"]["1"]
    assert task == Task(f"{FLOW}/1/start/1")
    assert task["x"] == DataArtifact(f"{FLOW}/1/start/1/x")
    assert FLOW in FlowKit()
    assert "1" in Flow(FLOW)
    assert "start" in Run(f"{FLOW}/1")
    assert "1" in Step(f"{FLOW}/1/start")
    assert "x" in task
    assert "_hidden" in task
    assert "Nope" not in FlowKit()
    assert "9" not in Flow(FLOW)
    assert "nope" not in Run(f"{FLOW}/1")
    assert "9" not in Step(f"{FLOW}/1/start")
    assert "y" not in task
    assert 3 not in task


def test_what_is_no_text_is_no_child_and_no_pathspec(run: RecordedRun) -> None:
    run.task("start", {"x": 1})
    whole = Run(f"{FLOW}/1")
    containers: list[tuple[Any, str]] = [
        (FlowKit(), f"no flow 1 in .*; the flows are '{FLOW}'"),
        (Flow(FLOW), "has no run 1; the latest are 1"),
        (whole, "has no step 1 that ran; the steps are 'start'"),
        (whole["start"], "has no task 1; did you mean '1'?"),
        (Task(f"{FLOW}/1/start/1"), "has no artifact 1; the artifacts are 'x'"),
    ]
    for container, message in containers:
        assert 1 not in container
        with pytest.raises(KeyError, match=message):
            container[1]
    with pytest.raises(KeyError, match="has no step None that ran"):
        whole[None]  # type: ignore[index]
    with pytest.raises(InvalidPathspec, match="'5' is not of the form Flow/run"):
        Run(5)  # type: ignore[arg-type]


def test_a_missing_child_is_a_key_error_that_says_what_there_is(run: RecordedRun) -> None:
    run.task("start", {"alpha": 1, "beta": 2})
    run.task("train")
    task = Task(f"{FLOW}/1/start/1")
    for look, said in (
        (lambda: FlowKit()["TestFlw"], "did you mean 'TestFlow'?"),
        (lambda: Flow(FLOW)["7"], "the latest are 1"),
        (lambda: Run(f"{FLOW}/1")["trian"], "did you mean 'train'?"),
        (lambda: Step(f"{FLOW}/1/train")["9"], "'2'"),
        (lambda: task["gamma"], "'alpha', 'beta'"),
    ):
        with pytest.raises(KeyError) as caught:
            look()
        assert isinstance(caught.value, NotFound)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "pathspec", "said"),
    [
        (Flow, "TestFlo", "did you mean 'TestFlow'?"),
        (Run, f"{FLOW}/2", "the latest are 1"),
        (Run, "Nope/2", "Nope has no runs there"),
        (Step, f"{FLOW}/1/strat", "did you mean 'start'?"),
        (Task, f"{FLOW}/1/start/7", "there is no task"),
        (DataArtifact, f"{FLOW}/1/start/1/nope", "'x'"),
    ],
)
def test_what_is_not_there_is_not_found(run: RecordedRun, make: type, pathspec: str, said: str) -> None:
    run.task("start", {"x": 1})
    with pytest.raises(NotFound) as caught:
        make(pathspec)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("make", "pathspec"),
    [(Flow, "A/1"), (Run, "A"), (Run, "A/1/b"), (Step, "A/1"), (Task, "A/1/b/1/x"), (DataArtifact, "A/1"), (Run, "A/")],
)
def test_pathspecs_of_another_form(make: type, pathspec: str) -> None:
    with pytest.raises(InvalidPathspec, match="is not of the form"):
        make(pathspec)


def test_an_empty_place_is_empty(root: Path) -> None:
    assert list(FlowKit()) == []
    with pytest.raises(NotFound, match="there are no flows"):
        Flow(FLOW)
    assert not root.exists()


def test_names_and_parents(run: RecordedRun) -> None:
    run.task("start", {"x": 1})
    artifact = DataArtifact(f"{FLOW}/1/start/1/x")
    assert artifact.path_components == [FLOW, "1", "start", "1", "x"]
    assert (artifact.id, artifact.pathspec) == ("x", f"{FLOW}/1/start/1/x")
    assert artifact.parent == Task(f"{FLOW}/1/start/1")
    assert artifact.parent.parent == Step(f"{FLOW}/1/start")
    assert artifact.parent.parent.parent == Run(f"{FLOW}/1")
    assert artifact.parent.parent.parent.parent == Flow(FLOW)
    assert Flow(FLOW).parent is None
    assert len({Run(f"{FLOW}/1"), Run(f"{FLOW}/1"), Flow(FLOW)}) == 2


def test_steps_that_begin_with_an_underscore_are_hidden(run: RecordedRun) -> None:
    run.task("_other", {"alpha": 3})
    run.task("start")
    assert [step.id for step in Run(f"{FLOW}/1")] == ["start"]
    other = Run(f"{FLOW}/1")["_other"].task
    assert other is not None
    assert other.data.alpha == 3


def test_latest_runs(run: RecordedRun, root: Path) -> None:
    assert Flow(FLOW).latest_run == Run(f"{FLOW}/1")
    assert Flow(FLOW).latest_successful_run is None
    run.end()
    later = RecordedRun(root, "2", created_at=run.record.created_at + 1)
    later.end("failed")
    assert Flow(FLOW).latest_run == Run(f"{FLOW}/2")
    assert Flow(FLOW).latest_successful_run == Run(f"{FLOW}/1")


def test_listings_by_tag(run: RecordedRun, root: Path) -> None:
    RecordedRun(root, "2", tags=("good", "fast"), created_at=run.record.created_at + 1)
    RecordedRun(root, "3", tags=("good",), created_at=run.record.created_at + 2).task("start")
    flow = Flow(FLOW)
    assert [one.id for one in flow.runs("good")] == ["3", "2"]
    assert [one.id for one in flow.runs("good", "fast")] == ["2"]
    assert [one.id for one in flow.runs("user:tester")] == ["3", "2", "1"]
    assert [step.id for step in flow["3"].steps("good")] == ["start"]
    assert list(flow["3"].steps("bad")) == []
    assert [task.id for task in flow["3"]["start"].tasks("good")] == ["1"]
    assert list(flow["3"]["start"].tasks("bad")) == []


def test_created_at_is_local_time(run: RecordedRun) -> None:
    task = run.task("start")
    expected = datetime.fromtimestamp(run.record.created_at)
    assert Run(f"{FLOW}/1").created_at == expected
    assert Flow(FLOW).created_at == expected
    assert Step(f"{FLOW}/1/start").created_at == datetime.fromtimestamp(task.created_at)
    assert Task(f"{FLOW}/1/start/1").created_at == datetime.fromtimestamp(task.created_at)


def test_the_end_task_is_found_by_the_graph(run: RecordedRun) -> None:
    run.parameters(graph(begin=("finish",), finish=()))
    run.task("begin", {"x": 1})
    assert Run(f"{FLOW}/1").end_task is None
    assert Run(f"{FLOW}/1").data is None
    run.task("finish", {"x": 2})
    assert Run(f"{FLOW}/1").end_task == Task(f"{FLOW}/1/finish/2")
    data = Run(f"{FLOW}/1").data
    assert data is not None
    assert data.x == 2


def test_the_end_task_without_a_graph(run: RecordedRun) -> None:
    run.task("end")
    assert Run(f"{FLOW}/1").end_task == Task(f"{FLOW}/1/end/1")


def test_the_steps_around_a_step(run: RecordedRun) -> None:
    run.parameters(graph(start=("a", "b", "never"), a=("join",), b=("join",), never=("join",), join=("end",), end=()))
    for step in ("start", "a", "b", "join", "end"):
        run.task(step)
    whole = Run(f"{FLOW}/1")
    assert [step.id for step in whole["start"].child_steps] == ["a", "b"]
    assert [step.id for step in whole["join"].parent_steps] == ["a", "b"]
    assert list(whole["start"].parent_steps) == []
    assert list(whole["end"].child_steps) == []


def test_the_graph_is_an_artifact_of_any_task(run: RecordedRun) -> None:
    run.parameters(graph(start=("end",), end=()))
    run.task("start")
    assert Task(f"{FLOW}/1/start/1")["_graph_info"].data["end_step"] == "end"


def test_a_code_package_is_named(run: RecordedRun, root: Path) -> None:
    assert Run(f"{FLOW}/1").code is None
    RecordedRun(root, "2", code="abc", info={"flow_file": "/home/me/flow.py"}).task("start")
    code = Run(f"{FLOW}/2").code
    assert isinstance(code, TaskCode)
    assert (code.hash, code.script_name) == ("abc", "flow.py")
    assert code == Task(f"{FLOW}/2/start/1").code


# --- where it reads ----------------------------------------------------------------------------------------------


def test_the_configuration_says_where_to_read(root: Path) -> None:
    assert get_metadata() == f"local@{root}" == default_metadata()


def test_another_place(run: RecordedRun, tmp_path: Path) -> None:
    run.task("start", {"x": 1})
    here = Run(f"{FLOW}/1")
    other = tmp_path / "other" / ".flowkit"
    other.mkdir(parents=True)
    RecordedRun(other, "9").task("start", {"x": 9})
    # The folder that holds .flowkit is as good as .flowkit itself.
    assert metadata(f"local@{tmp_path / 'other'}") == f"local@{other}" == get_metadata()
    assert [one.id for one in Flow(FLOW)] == ["9"]
    assert Task(f"{FLOW}/9/start/1").data.x == 9
    # Objects that are there go on reading where they came from.
    assert here["start"]["1"].data.x == 1
    assert here.parent.latest_run == here
    assert default_metadata() == f"local@{run.root}"
    assert Flow(FLOW).latest_run == here
    assert Run(f"{FLOW}/1") == here


def test_a_provider_that_is_not_there() -> None:
    with pytest.raises(UnknownCapability, match="nosuch"):
        metadata("nosuch@/somewhere")
    with pytest.raises(UnknownCapability):
        metadata("/a/path/alone")


def test_a_run_is_read_from_its_own_datastore(
    run: RecordedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.task("start", {"x": 1})
    monkeypatch.setenv("FLOWKIT_DEFAULT_DATASTORE", "nowhere")
    assert Task(f"{FLOW}/1/start/1").data.x == 1


# --- namespaces --------------------------------------------------------------------------------------------------


def test_only_the_namespaces_runs_are_listed(run: RecordedRun, root: Path) -> None:
    RecordedRun(root, "2", system_tags=("user:other",), created_at=run.record.created_at + 1)
    RecordedRun(root, "1", flow="OtherFlow", system_tags=("user:other",))
    assert [one.id for one in Flow(FLOW)] == ["1"]
    assert [flow.id for flow in FlowKit()] == [FLOW]
    namespace("user:other")
    assert [one.id for one in Flow(FLOW)] == ["2"]
    assert Flow(FLOW).latest_run == Run(f"{FLOW}/2")
    namespace(None)
    assert [one.id for one in Flow(FLOW)] == ["2", "1"]
    assert len(FlowKit().flows) == 2


@pytest.mark.parametrize(
    "look",
    [
        lambda: Flow(FLOW),
        lambda: Run(f"{FLOW}/1"),
        lambda: Step(f"{FLOW}/1/start"),
        lambda: Task(f"{FLOW}/1/start/1"),
        lambda: DataArtifact(f"{FLOW}/1/start/1/x"),
        lambda: FlowKit()[FLOW],
    ],
)
def test_what_is_in_another_namespace(run: RecordedRun, look: object) -> None:
    run.task("start", {"x": 1})
    namespace("user:other")
    with pytest.raises(NamespaceMismatch, match="user:other"):
        look()  # type: ignore[operator]


def test_a_run_of_another_namespace_by_index(run: RecordedRun, root: Path) -> None:
    RecordedRun(root, "2", system_tags=("user:other",))
    with pytest.raises(NamespaceMismatch):
        Flow(FLOW)["2"]


def test_a_users_tag_makes_a_namespace(run: RecordedRun) -> None:
    Run(f"{FLOW}/1").add_tag("production:x")
    namespace("production:x")
    assert Run(f"{FLOW}/1").is_in_namespace()


def test_objects_keep_the_namespace_they_were_made_in(run: RecordedRun) -> None:
    run.task("start")
    flow = Flow(FLOW)
    namespace("user:other")
    assert [one.id for one in flow] == ["1"]
    assert flow["1"]["start"].parent.parent.latest_run == flow["1"]
