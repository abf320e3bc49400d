"""Whether a run goes on, how objects are shown, and tags."""

from __future__ import annotations

import time
from datetime import datetime

import attrs
import pytest

from flowkit.client import DataArtifact, Flow, FlowKit, Run, Task, namespace
from flowkit.client.display import age, did_you_mean, size
from flowkit.client.liveness import SILENCE_SECONDS, is_dead
from flowkit.errors import NotFound, TagError
from support.recorded_run import FLOW, RecordedRun

RUN = f"{FLOW}/1"


def test_a_run_goes_on_until_it_ends(run: RecordedRun) -> None:
    seen = Run(RUN)
    assert (seen.finished, seen.successful, seen.finished_at) == (False, False, None)
    run.end()
    assert (seen.finished, seen.successful) == (True, True)
    assert seen.finished_at == datetime.fromtimestamp(run.record.finished_at or 0)


def test_a_run_that_failed(run: RecordedRun) -> None:
    run.end("failed")
    assert (Run(RUN).finished, Run(RUN).successful) == (True, False)


def test_a_run_whose_launching_process_is_gone_has_failed(run: RecordedRun) -> None:
    run.task("start", {"x": 1})
    run.task("work", status="running")
    last = time.time() - SILENCE_SECONDS - 5
    run.change(heartbeat_at=last)
    assert (Run(RUN).finished, Run(RUN).successful) == (True, False)
    assert Run(RUN).finished_at == datetime.fromtimestamp(last)
    left = Task(f"{RUN}/work/2")
    assert (left.finished, left.successful) == (True, False)
    assert left.finished_at == datetime.fromtimestamp(last)
    assert left.exception is not None
    assert "launching process" in str(left.exception)
    assert "failed" in repr(left)
    assert Task(f"{RUN}/start/1").data.x == 1
    assert repr(Flow(FLOW).latest_run).startswith(f"Run({RUN!r}, failed")


def test_a_task_that_ended_after_its_launching_process(run: RecordedRun) -> None:
    run.task("work", status="running")
    run.manifest("work", "1", 0, {"x": 1}, finished_at=1234.5)
    run.change(heartbeat_at=time.time() - SILENCE_SECONDS - 5)
    for left in (Task(f"{RUN}/work/1"), Task(f"{RUN}/work/1", attempt=0)):
        assert (left.finished, left.successful) == (True, True)
        assert left.data.x == 1
        assert left.finished_at == datetime.fromtimestamp(1234.5)


def test_a_run_is_dead_after_a_minute_of_silence(run: RecordedRun) -> None:
    record = attrs.evolve(run.record, heartbeat_at=1000.0)
    assert not is_dead(record, now=1060.0)
    assert is_dead(record, now=1060.1)
    assert is_dead(attrs.evolve(record, heartbeat_at=None, created_at=1000.0), now=1061.0)
    assert not is_dead(attrs.evolve(record, status="succeeded"), now=9999.0)


# --- display -----------------------------------------------------------------------------------------------------


def test_how_objects_are_shown(run: RecordedRun) -> None:
    run.task("start", {"x": 1}, finished_at=time.time() - 150)
    flow = Flow(FLOW)
    assert repr(flow) == "Flow('TestFlow')"
    assert repr(list(flow)) == "[Run('TestFlow/1', running, 0 s ago)]"
    assert repr(list(flow["1"])) == "[Step('TestFlow/1/start')]"
    assert repr(list(flow["1"]["start"])) == "[Task('TestFlow/1/start/1', succeeded, 2 min ago)]"
    assert repr(next(iter(flow["1"]["start"]["1"]))).startswith("DataArtifact('TestFlow/1/start/1/x', int, ")
    assert str(flow["1"]) == "Run('TestFlow/1')"
    assert repr(FlowKit()) == f"FlowKit('local@{run.root}')"


def test_showing_reads_nothing(run: RecordedRun) -> None:
    task = Task._at(Flow(FLOW)._view, (FLOW, "9", "gone", "7"))
    assert repr(task) == "Task('TestFlow/9/gone/7')"
    assert repr(DataArtifact._at(task._view, (*task._path, "x"))) == "DataArtifact('TestFlow/9/gone/7/x')"
    with pytest.raises(NotFound):
        task.finished  # noqa: B018


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (1000, "0 s ago"),
        (1001, "0 s ago"),
        (941, "59 s ago"),
        (940, "1 min ago"),
        (-2600, "1 h ago"),
        (-85400, "1 d ago"),
    ],
)
def test_ages(at: float, text: str) -> None:
    assert age(at, now=1000) == text
    assert age(None) == ""


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (1_230_000_000, "1.23 GB"),
        (5 * 10**15, "5e+03 TB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


def test_messages_name_what_is_near_or_there() -> None:
    assert did_you_mean("trian", ["train", "start"], "steps") == "did you mean 'train'?"
    assert did_you_mean("zzz", ["b", "a"], "steps") == "the steps are 'b', 'a'"
    assert did_you_mean("zzz", list("abcdefg"), "steps").endswith("'e', … (7 in all)")
    assert did_you_mean("zzz", [], "steps") == "there are no steps"


# --- tags --------------------------------------------------------------------------------------------------------


def test_tags_of_a_run_and_all_in_it(run: RecordedRun) -> None:
    run.task("start", {"x": 1})
    seen = Run(RUN)
    seen.add_tags(["a", "b"])
    everything = frozenset({"a", "b", "user:tester", "runtime:dev"})
    for part in (seen, seen["start"], seen["start"]["1"], seen["start"]["1"]["x"]):
        assert part.tags == everything
        assert part.user_tags == {"a", "b"}
        assert part.system_tags == {"user:tester", "runtime:dev"}
        assert part.is_in_namespace()
    assert Flow(FLOW).tags == Flow(FLOW).user_tags == Flow(FLOW).system_tags == frozenset()
    assert Flow(FLOW).is_in_namespace()


def test_tags_change(run: RecordedRun) -> None:
    seen, other = Run(RUN), Run(RUN)
    seen.add_tag("a")
    assert other.user_tags == {"a"}
    seen.add_tag("user:tester")
    assert seen.user_tags == {"a"}
    seen.replace_tag("a", "b")
    assert seen.user_tags == other.user_tags == {"b"}
    seen.replace_tags(["b", "nothing"], ["c", "d"])
    seen.remove_tag("c")
    seen.remove_tags(["d", "nothing"])
    assert seen.user_tags == frozenset()
    seen.add_tags("one text is one tag")
    assert seen.user_tags == {"one text is one tag"}
    seen.add_tags([])


def test_tags_that_can_not_be(run: RecordedRun) -> None:
    seen = Run(RUN)
    with pytest.raises(TagError, match="empty"):
        seen.add_tag("")
    with pytest.raises(TagError, match="user:tester"):
        seen.replace_tags(["user:tester"], ["new"])
    with pytest.raises(TagError, match="501 characters"):
        seen.add_tag("x" * 501)
    assert seen.user_tags == frozenset()


def test_the_run_is_tagged_from_inside_a_task(run: RecordedRun) -> None:
    run.task("start", status="running")
    Task(f"{RUN}/start/1").parent.parent.add_tag("from inside")
    assert Run(RUN).user_tags == {"from inside"}


def test_tagging_keeps_the_state(run: RecordedRun) -> None:
    run.end()
    seen = Run(RUN)
    seen.add_tag("a")
    assert seen.successful
    namespace(None)
    assert Flow(FLOW).latest_successful_run == seen
