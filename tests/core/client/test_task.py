"""One task: artifacts, output, metadata, attempts."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import attrs
import pytest

from flowkit.client import DataArtifact, Run, Step, Task, TaskData, TaskFailure
from flowkit.errors import ArtifactNotFound, NotFound
from flowkit.model.artifact import FailureSummary
from flowkit.model.record import AttemptRecord, Metadatum
from support.recorded_run import FLOW, RecordedRun

START = f"{FLOW}/1/start/1"


# --- artifacts ---------------------------------------------------------------------------------------------------


def test_values_as_attributes(run: RecordedRun) -> None:
    run.task("start", {"x": 1, "text": "é", "_private": [1], "none": None})
    data = Task(START).data
    assert (data.x, data.text, data._private, data.none) == (1, "é", [1], None)
    assert "x" in data
    assert "_private" in data
    assert "y" not in data
    assert {"x", "text", "none"} <= set(dir(data))
    assert repr(data) == f"<TaskData of {START}: x, text, none>"


def test_each_access_loads_a_value_of_its_own(run: RecordedRun) -> None:
    run.task("start", {"rows": [1, 2]})
    data = Task(START).data
    data.rows.append(3)
    assert data.rows == [1, 2]


def test_a_missing_value_is_an_attribute_error(run: RecordedRun) -> None:
    run.task("start", {"model": 1})
    data = Task(START).data
    assert not hasattr(data, "modle")
    with pytest.raises(AttributeError) as caught:
        data.modle  # noqa: B018
    assert isinstance(caught.value, ArtifactNotFound)
    assert "did you mean 'model'?" in str(caught.value)


def test_artifacts_unloaded(run: RecordedRun) -> None:
    run.task("start", {"x": 1, "_private": 2, "name": "n"})
    task = Task(START)
    artifacts = task.artifacts
    assert [artifact.id for artifact in artifacts] == [artifact.id for artifact in task] == ["x", "name"]
    assert artifacts._fields == ("x", "name")
    assert artifacts.x == task["x"] == artifacts._asdict()["x"] == artifacts[0]
    assert repr(artifacts).startswith(f"TaskArtifacts(x=DataArtifact({START + '/x'!r}, int")
    with pytest.raises(AttributeError, match="'x', 'name'"):
        artifacts.y  # noqa: B018


def test_an_artifact_tells_its_size_type_and_hash(run: RecordedRun) -> None:
    task = run.task("start", {"x": 12, "same": 12, "other": 13})
    x = DataArtifact(f"{START}/x")
    assert x.data == 12
    assert x.type == "builtins.int"
    assert x.size > 0
    assert x.sha == DataArtifact(f"{START}/same").sha != DataArtifact(f"{START}/other").sha
    assert x.finished_at == x.created_at == datetime.fromtimestamp(task.finished_at or 0)
    assert x.tags == Run(f"{FLOW}/1").tags


def test_nothing_is_loaded_by_listing_and_showing(run: RecordedRun) -> None:
    run.task("start", {"bad": _Explosive(), "_worse": _Explosive()})
    step = Step(f"{FLOW}/1/start")
    for task in step:
        assert repr(task.artifacts)
        assert repr(task.data)
        assert repr(list(task))
        assert task.metadata
        assert task.successful
        assert task["bad"].size
        assert "bad" in task.data
    with pytest.raises(Exception, match="was unpickled"):
        task.data.bad  # noqa: B018


class _Explosive:
    def __reduce__(self) -> tuple[object, ...]:
        return (_explode, ())


def _explode() -> None:
    raise RuntimeError("was unpickled")


def test_a_store_that_lost_a_manifest(run: RecordedRun) -> None:
    task = run.task("start", {"x": 1})
    assert task.manifest is not None
    run.store.datastore.delete([task.manifest])
    with pytest.raises(NotFound, match=r"0\.json is missing"):
        Task(START).data.x  # noqa: B018


# --- how it went -------------------------------------------------------------------------------------------------


def test_a_task_that_succeeded(run: RecordedRun) -> None:
    record = run.task("start")
    task = Task(START)
    assert task.finished
    assert task.successful
    assert task.exception is None
    assert task.finished_at == datetime.fromtimestamp(record.finished_at or 0)
    assert task.current_attempt == task.attempt == 0
    assert task.runtime_name == "dev"


def test_a_task_that_runs_and_then_ends(run: RecordedRun) -> None:
    record = run.task("start", status="running")
    task = Task(START)
    assert not task.finished
    assert not task.successful
    assert task.finished_at is None
    assert task.exception is None
    assert list(task) == []
    assert task.stdout == ""
    with pytest.raises(KeyError, match="still running"):
        task["x"]
    key = run.manifest("start", "1", 0, {"x": 1})
    run.metadata.write([attrs.evolve(record, status="succeeded", finished_at=time.time(), manifest=key)])
    assert task.finished
    assert task.successful
    assert task.data.x == 1


def test_a_task_that_failed_hides_what_it_stored(run: RecordedRun) -> None:
    failure = FailureSummary("ValueError", "no good", "Traceback…\nValueError: no good\n")
    run.task("start", {"x": 1}, status="failed", failure=failure)
    task = Task(START)
    assert task.finished
    assert not task.successful
    assert task.exception == TaskFailure("no good", "builtins.ValueError", failure.traceback)
    assert str(task.exception) == failure.traceback
    assert list(task) == []
    assert not hasattr(task.data, "x")
    with pytest.raises(KeyError, match="attempt=0"):
        task["x"]
    assert Task(START, attempt=0).data.x == 1
    assert Task(START, attempt=0).exception == task.exception
    assert DataArtifact(f"{START}/x", attempt=0).data == 1


def test_a_caught_exception_is_no_exception_but_no_success(run: RecordedRun) -> None:
    run.task("start", {"x": 1}, failure=FailureSummary("ValueError", "no good"))
    task = Task(START)
    assert task.finished
    assert not task.successful
    assert task.exception is None
    assert task.data.x == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"failure": "pkg.Error: no: good"}, TaskFailure("no: good", "pkg.Error")),
        ({"failure": "crashed in libfoo: bad"}, TaskFailure("crashed in libfoo: bad")),
        ({"exit_code": -11}, TaskFailure("its process ended with signal SIGSEGV")),
        ({"exit_code": -250}, TaskFailure("its process ended with signal 250")),
        ({"exit_code": 3}, TaskFailure("its process ended with exit code 3")),
        ({}, TaskFailure("its process ended")),
        ({"status": "cancelled"}, TaskFailure("the run ended it")),
    ],
)
def test_a_task_that_stored_nothing(run: RecordedRun, fields: dict[str, object], expected: TaskFailure) -> None:
    record = run.task("start", status="running")
    attempt = AttemptRecord(FLOW, "1", "start", "1", 0, "failed", time.time(), time.time())
    attempt = attrs.evolve(attempt, **fields)
    run.metadata.write([attrs.evolve(record, status=attempt.status), attempt])
    assert Task(START).exception == expected


def test_attempts_are_shown_by_number(run: RecordedRun) -> None:
    run.task("start", {"x": "second"}, attempt=1, metadata=(Metadatum("pid", "22", attempt=1),))
    key = run.manifest("start", "1", 0, {"x": "first"}, ok=False, failure=FailureSummary("ValueError", "no"))
    first = AttemptRecord(FLOW, "1", "start", "1", 0, "failed", 1.0, 2.0, key, 1, "ValueError: no")
    run.metadata.write([attrs.evolve(first, metadata=(Metadatum("pid", "11"),))])
    run.log("start", "1", 0, ("stdout", 1.0, b"one\n"))
    run.log("start", "1", 1, ("stdout", 1.0, b"two\n"))
    latest, zero, one = Task(START), Task(START, attempt=0), Task(START, attempt=1)
    assert [task.data.x for task in (latest, zero, one)] == ["second", "first", "second"]
    assert [task.successful for task in (latest, zero, one)] == [True, False, True]
    assert [task.stdout for task in (latest, zero, one)] == ["two\n", "one\n", "two\n"]
    assert [task.metadata_dict["attempt"] for task in (latest, zero, one)] == ["1", "0", "1"]
    assert [task.metadata_dict["pid"] for task in (latest, zero, one)] == ["22", "11", "22"]
    assert [task.current_attempt for task in (latest, zero, one)] == [1, 0, 1]
    assert zero.finished_at == datetime.fromtimestamp(2.0)
    assert zero.exception is not None
    assert latest != zero
    assert zero["x"].parent == zero
    assert repr(zero) == f"Task({START!r}, attempt=0)"
    assert next(latest.loglines("stdout", meta_dict={"attempt": "0"}))[1] == "one"
    with pytest.raises(NotFound, match="no attempt 2; its attempts are 0, 1"):
        Task(START, attempt=2)


# --- output ------------------------------------------------------------------------------------------------------


def test_output(run: RecordedRun) -> None:
    run.task("start")
    run.log(
        "start",
        "1",
        0,
        ("stdout", 1.25, b"one\n"),
        ("stderr", 1.5, b"oops\n"),
        ("stdout", 2.0, b"\n"),
        ("stdout", 2.5, b"no end, and \xff"),
    )
    task = Task(START)
    assert task.stdout == "one\n\nno end, and \ufffd"
    assert task.stderr == "oops\n"
    assert (task.stdout_size, task.stderr_size) == (18, 5)
    at = datetime.fromtimestamp
    assert list(task.loglines("stdout")) == [(at(1.25), "one"), (at(2.0), ""), (at(2.5), "no end, and \ufffd")]
    assert list(task.loglines("stderr", as_unicode=False)) == [(at(1.5), b"oops")]


def test_no_output(run: RecordedRun) -> None:
    run.task("start")
    task = Task(START)
    assert (task.stdout, task.stderr, task.stdout_size, task.stderr_size) == ("", "", 0, 0)
    assert list(task.loglines("stdout")) == []


def test_output_of_a_running_task_grows(run: RecordedRun) -> None:
    run.task("start", status="running")
    task = Task(START)
    writer = run.store.datastore.open_log(f"{FLOW}/runs/1/start/1/0.log")
    writer.append(b"o1.0 4\none\n")
    assert task.stdout == "one\n"
    writer.append(b"o1.0 4\ntwo\n")
    writer.close()
    assert task.stdout == "one\ntwo\n"


# --- metadata ----------------------------------------------------------------------------------------------------


def test_metadata_of_the_record_and_what_was_recorded(run: RecordedRun) -> None:
    recorded = (Metadatum("pid", "7", "pid", 1.5), Metadatum("note", "a", "", 2.0), Metadatum("note", "b", "", 3.0))
    record = run.task("start", metadata=recorded)
    task = Task(START)
    assert task.metadata_dict == {
        "user": "tester",
        "runtime": "dev",
        "attempt": "0",
        "attempt_ok": "True",
        "attempt-done": "0",
        "origin-run-id": "None",
        "ds-type": "local",
        "ds-root": str(run.root),
        "pid": "7",
        "note": "b",
    }
    assert [entry.value for entry in task.metadata if entry.name == "note"] == ["a", "b"]
    pid = next(entry for entry in task.metadata if entry.name == "pid")
    assert (pid.value, pid.created_at, pid.type, pid.task) == ("7", 1500, "pid", task)
    attempt = next(entry for entry in task.metadata if entry.name == "attempt")
    assert attempt.created_at == int(record.created_at * 1000)


def test_metadata_that_the_record_of_the_run_has(root: Path) -> None:
    root.mkdir()
    run = RecordedRun(
        root,
        system_tags=("date:2024-01-01", "flowkit_version:2.0.0", "python_version:3.11.7", "runtime:dev", "user:tester"),
        tags=("runtime:mine", "script-name:mine"),
        info={"flow_file": "/flows/fit.py"},
    )
    run.task("start")
    run.task("start", metadata=(Metadatum("runtime", "elsewhere"),))
    fields = Task(START).metadata_dict
    known = {name: fields.get(name) for name in ("user", "runtime", "python_version", "flowkit_version", "script-name")}
    assert known == {
        "user": "tester",
        "runtime": "dev",
        "python_version": "3.11.7",
        "flowkit_version": "2.0.0",
        "script-name": "fit.py",
    }
    # FlowKit is no version of Metaflow.
    assert not {"metaflow_version", "date"} & fields.keys()
    assert Task(f"{FLOW}/1/start/2").metadata_dict["runtime"] == "elsewhere"
    step = Step(f"{FLOW}/1/start")
    assert [task.id for task in step.where(metadata={"runtime": "dev", "script-name": "fit.py"})] == ["1"]
    assert [task.id for task in step.where(metadata={"user": "tester"})] == ["2", "1"]
    assert step.where(metadata={"user": "other"}).count() == 0


def test_metadata_of_a_foreach(run: RecordedRun) -> None:
    frames = (("start", "1", "items", 3, 10), ("a", "2", "", 1, 2))
    run.task("start", frames=frames)
    run.task("start", frames=frames, metadata=(Metadatum("foreach-stack", '["items=x", "more=y"]'),))
    assert Task(START).metadata_dict["foreach-stack"] == ["items=#3", "num_parallel=1"]
    assert Task(f"{FLOW}/1/start/2").metadata_dict["foreach-stack"] == ["items=x", "more=y"]
    assert Task(START).index == 1


def test_metadata_of_a_task_that_did_not_succeed(run: RecordedRun) -> None:
    run.task("start", status="failed")
    run.task("start", status="running")
    assert Task(START).metadata_dict["attempt_ok"] == "False"
    assert "attempt_ok" not in Task(f"{FLOW}/1/start/2").metadata_dict
    assert Task(START).index is None


def test_environment_info(run: RecordedRun) -> None:
    run.task("start", metadata=(Metadatum("environment-info", '{"type": "conda"}'),))
    run.task("end")
    assert Task(START).environment_info == Step(f"{FLOW}/1/start").environment_info == {"type": "conda"}
    assert Task(f"{FLOW}/1/end/2").environment_info is None


def test_a_step_ends_with_the_last_of_its_tasks(run: RecordedRun) -> None:
    run.task("work", finished_at=100.0)
    run.task("work", finished_at=90.0)
    assert Step(f"{FLOW}/1/work").finished_at == datetime.fromtimestamp(100.0)
    run.task("work", status="running")
    assert Step(f"{FLOW}/1/work").finished_at is None


# --- copies ------------------------------------------------------------------------------------------------------


def test_a_copy_shows_what_the_original_left(run: RecordedRun) -> None:
    original = run.task("start", {"x": 5}, attempt=1, metadata=(Metadatum("pid", "7", attempt=1),))
    run.log("start", "1", 1, ("stdout", 1.0, b"from the first run\n"))
    resumed = RecordedRun(run.root, "2", origin_run_id="1")
    copied = attrs.evolve(original, run_id="2", origin_pathspec=START, task_id="4")
    resumed.metadata.write([copied])
    resumed.task("end")
    task = Task(f"{FLOW}/2/start/4")
    assert task.data.x == 5
    assert task.stdout == "from the first run\n"
    assert task.successful
    assert task.origin_pathspec == START
    assert task["x"].origin_pathspec == f"{START}/x"
    assert task.metadata_dict["origin-task-id"] == "1"
    assert task.metadata_dict["origin-run-id"] == "1"
    assert task.metadata_dict["pid"] == "7"
    assert Task(f"{FLOW}/2/start/4", attempt=1).stdout == task.stdout
    assert Run(f"{FLOW}/2").origin_pathspec == f"{FLOW}/1"
    assert Step(f"{FLOW}/2/end").origin_pathspec == f"{FLOW}/1/end"
    ran = Task(f"{FLOW}/2/end/1")
    assert ran.origin_pathspec is None
    assert ran.metadata_dict["origin-run-id"] == "1"
    assert "origin-task-id" not in ran.metadata_dict
    assert Run(f"{FLOW}/1").origin_pathspec is None


def test_data_is_for_attributes_only(run: RecordedRun) -> None:
    run.task("start")
    data = Task(START).data
    assert isinstance(data, TaskData)
    with pytest.raises(AttributeError):
        data.__deepcopy__  # noqa: B018
