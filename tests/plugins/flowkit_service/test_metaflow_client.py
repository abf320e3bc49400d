"""Metaflow's own client, from the package index, records its runs in this service and reads them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flowkit import Flow, namespace
from flowkit.client.source import forget
from support.parity.metaflow import metaflow_python
from support.servers.services import Services

FLOW = """
import os

from metaflow import FlowSpec, current, retry, step

class ForeignFlow(FlowSpec):
    @step
    def start(self):
        self.items = ["a", "b", "c"]
        self.next(self.each, foreach="items")

    @retry(times=1, minutes_between_retries=0)
    @step
    def each(self):
        if self.input == "b" and current.retry_count == 0:
            raise ValueError("the first time")
        self.item = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        if os.environ.get("FAIL"):
            raise ValueError("no luck")
        self.all = [i.item for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print("said by end")

if __name__ == "__main__":
    ForeignFlow()
"""
READER = """
import json

from metaflow import Flow, Metaflow, Run, Task, namespace

namespace(None)
flow = Flow("ForeignFlow")
runs = list(flow)
latest = flow.latest_run
latest.add_tags(["one", "two"])
latest.remove_tag("one")
latest.replace_tag(["two"], ["three"])
try:
    latest.remove_tag("user:tester")
    refused = ""
except Exception as error:
    refused = type(error).__name__
retried = [task for task in runs[-1]["each"] if task.data.item == "b"][0]
print(json.dumps({
    "flows": [one.id for one in Metaflow()],
    "runs": [[run.id, run.successful, run.finished, sorted(run.user_tags)] for run in runs],
    "with tag": [run.id for run in flow.runs("first")],
    "tags now": sorted(Run(latest.pathspec).user_tags),
    "refused": refused,
    "steps": sorted(step.id for step in latest),
    "items": sorted(task.data.item for task in latest["each"]),
    "all": latest.data.all,
    "artifacts": sorted(artifact.id for artifact in latest["join"].task),
    "said": latest["end"].task.stdout,
    "attempts": [Task(retried.pathspec, attempt=number).metadata_dict["attempt_ok"] for number in (0, 1)],
    "origin": latest["end"].task.metadata_dict["origin-run-id"],
    "parents": sorted(task.parent.id for task in latest["join"].task.parent_tasks),
    "by metadata": len(list(latest["start"].task.child_tasks)),
}))
"""


@pytest.fixture
def call(service_url: str, tmp_path: Path) -> Any:
    """Runs a file with Metaflow, which is configured for an empty service."""
    python = metaflow_python()
    ours = ("METAFLOW_", "FLOWKIT_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept |= {
        "METAFLOW_DEFAULT_METADATA": "service",
        "METAFLOW_SERVICE_URL": service_url,
        "METAFLOW_HOME": str(tmp_path),
        "METAFLOW_USER": "tester",
        "LC_ALL": "C.UTF-8",
    }
    (tmp_path / "flow.py").write_text(FLOW)
    (tmp_path / "reader.py").write_text(READER)

    def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(python), *words], cwd=tmp_path, env={**kept, **variables}, capture_output=True, text=True, check=False
        )

    return run


def test_it_runs_resumes_tags_and_lists(call: Any, service_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = call("flow.py", "run", "--tag", "first", "--max-workers", "3", FAIL="1")
    assert failed.returncode != 0
    assert "no luck" in failed.stderr + failed.stdout
    resumed = call("flow.py", "resume")
    assert resumed.returncode == 0, resumed.stderr
    listed = call("flow.py", "tag", "list", "--my-runs")
    assert listed.returncode == 0, listed.stderr
    assert "first" in listed.stdout + listed.stderr
    read = call("reader.py")
    assert read.returncode == 0, read.stderr
    told = json.loads(read.stdout)
    second, first = told["runs"]
    assert first[1:] == [False, False, ["first"]]
    assert second[1:] == [True, True, []]
    assert told["flows"] == ["ForeignFlow"]
    assert told["with tag"] == [first[0]]
    assert (told["tags now"], told["refused"]) == (["three"], "MetaflowTaggingError")
    assert told["steps"] == ["each", "end", "join", "start"]
    assert (told["items"], told["all"]) == (["a", "b", "c"], ["a", "b", "c"])
    assert "all" in told["artifacts"]
    assert told["said"].strip() == "said by end"
    assert told["attempts"] == ["False", "True"]
    assert told["origin"] == first[0]
    assert (told["parents"], told["by metadata"]) == (["each"] * 3, 3)
    _read_with_flowkit(service_url, monkeypatch, first[0], second[0])


def _read_with_flowkit(url: str, monkeypatch: pytest.MonkeyPatch, first: str, second: str) -> None:
    """FlowKit's client shows the same runs."""
    monkeypatch.setenv("FLOWKIT_DEFAULT_METADATA", "service")
    monkeypatch.setenv("FLOWKIT_SERVICE_URL", url)
    forget()
    try:
        namespace(None)
        runs = {run.id: run for run in Flow("ForeignFlow")}
        assert list(runs) == [second, first]
        assert runs[second].successful
        assert not runs[first].successful
        assert set(runs[second].user_tags) == {"three"}
        assert sorted(step.id for step in runs[second]) == ["each", "end", "join", "start"]
        assert len(list(runs[first]["each"])) == 3
        task = runs[first]["join"].task
        assert not task.successful
        assert task.metadata_dict["attempt_ok"] == "False"
    finally:
        forget()


def test_runs_of_flowkit_are_shown(call: Any, services: Services, service_url: str, tmp_path: Path) -> None:
    """Flows, runs, steps, tasks, tags and metadata, though not what the artifacts hold."""
    from flowkit.testing.metadata_samples import a_run, a_task, an_attempt
    from flowkit_service.client.provider import ServiceMetadata

    provider = ServiceMetadata.open(service_url)
    provider.create_run(a_run("1234567890123456"))
    attempts = [an_attempt(number, run_id="1234567890123456", status="succeeded") for number in (0, 1)]
    provider.write([a_task("1", run_id="1234567890123456"), *attempts])
    provider.close()
    (tmp_path / "reader.py").write_text(
        "import json\n"
        "from metaflow import Flow, namespace\n"
        "namespace(None)\n"
        "run = Flow('TestFlow').latest_run\n"
        "task = run['start'].task\n"
        "print(json.dumps([run.pathspec, sorted(run.user_tags), task.pathspec, task.metadata_dict]))\n"
    )
    read = call("reader.py")
    assert read.returncode == 0, read.stderr
    run, tags, task, metadata = json.loads(read.stdout)
    assert (run, task) == ("TestFlow/1234567890123456", "TestFlow/1234567890123456/start/1")
    assert tags == sorted(a_run().tags)
    assert (metadata["pid"], metadata["attempt_ok"], metadata["attempt"]) == ("42", "True", "1")
