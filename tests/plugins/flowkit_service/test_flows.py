"""Flows whose runs a service records."""

from __future__ import annotations

import json
import time
import uuid

import pytest

from support.project import Project
from support.servers.process import free_port
from support.servers.service_command import service_up
from support.servers.services import Services

CROWD = """
    import os

    from flowkit import FlowSpec, Run, current, step

    class CrowdFlow(FlowSpec):
        @step
        def start(self):
            self.items = list(range(50))
            self.next(self.each, foreach="items")

        @step
        def each(self):
            run = Run(f"{current.flow_name}/{current.run_id}")
            run.add_tag(f"item-{self.input}")
            self.own = f"item-{self.input}" in run.user_tags
            self.next(self.join)

        @step
        def join(self, inputs):
            if os.environ.get("FAIL"):
                raise ValueError("no luck")
            self.all = [i.own for i in inputs]
            self.next(self.end)

        @step
        def end(self):
            print("said by end")

    if __name__ == "__main__":
        CrowdFlow()
"""
READER = """
    import json

    from flowkit import Flow, get_metadata

    flow = Flow("CrowdFlow")
    print(json.dumps({
        "metadata": get_metadata(),
        "runs": [[run.id, run.successful, len(run.user_tags), run.origin_pathspec] for run in flow],
        "steps": [step.id for step in flow.latest_run],
        "tasks": len(list(flow.latest_run["each"])),
        "all": flow.latest_run.data.all,
        "said": flow.latest_run["end"].task.stdout,
        "failure": str(list(flow)[-1]["join"].task.exception),
        "found": len(list(flow.latest_run["each"].where(input=7))),
    }))
"""
WAITING = """
    import os
    import pathlib
    import time

    from flowkit import FlowSpec, step

    class WaitingFlow(FlowSpec):
        @step
        def start(self):
            self.items = list(range(4))
            self.next(self.each, foreach="items")

        @step
        def each(self):
            pathlib.Path(f"waits-{self.input}").touch()
            while not pathlib.Path("go").exists():
                time.sleep(0.02)
            self.next(self.join)

        @step
        def join(self, inputs):
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        WaitingFlow()
"""


@pytest.mark.parametrize("kind", ["on_sqlite", "on_postgresql", "plain_services"])
def test_a_run_fails_is_resumed_and_read(project: Project, kind: str, request: pytest.FixtureRequest) -> None:
    """With fifty tasks that tag it at once; over each database, and over the REST interface alone."""
    services: Services = request.getfixturevalue(kind)
    url = services.at(f"flow{uuid.uuid4().hex}")
    project.environment.update(FLOWKIT_DEFAULT_METADATA="service", FLOWKIT_SERVICE_URL=url)
    project.write("flow.py", CROWD)
    project.write("reader.py", READER)
    failed = project.run("run", "--max-workers", "50", env={"FAIL": "1"})
    assert failed.returncode != 0
    assert "no luck" in failed.stderr
    project.run("resume", check=True)
    told = json.loads(project.python("reader.py", check=True).stdout)
    assert told["metadata"] == f"service@{url}"
    second, first = told["runs"]
    assert first[1:] == [False, 50, None]
    assert second[1:] == [True, 0, f"CrowdFlow/{first[0]}"]
    assert told["steps"] == ["end", "join", "each", "start"]
    assert (told["tasks"], told["all"], told["said"]) == (50, [True] * 50, "said by end\n")
    assert "no luck" in told["failure"]
    assert told["found"] == 1
    assert not (project.store / "metadata.db").exists()
    assert "item-7" in project.run("tag", "list", "--flat", "--run-id", first[0], check=True).stdout


def test_the_service_is_named_on_the_command_line(project: Project, on_sqlite: Services) -> None:
    url = on_sqlite.at(f"flow{uuid.uuid4().hex}")
    project.write("flow.py", WAITING)
    (project.path / "go").touch()
    project.run("--metadata", f"service@{url}", "run", check=True)
    [(status,)] = on_sqlite.sql(url, "SELECT status FROM runs")
    assert status == "succeeded"


def test_a_run_outlives_a_restart_of_the_service(project: Project) -> None:
    """Its tasks don't notice, and what they did is recorded when the service is back."""
    port = str(free_port())
    project.write("flow.py", WAITING)
    with service_up(project, "--port", port) as service:
        process = project.popen("--metadata", "service", "run")
        while len(list(project.path.glob("waits-*"))) < 4:
            assert process.poll() is None
            time.sleep(0.02)
        assert service.end()[0] == 0
    (project.path / "go").touch()
    time.sleep(0.5)
    with service_up(project, "--port", port):
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        report = json.loads(project.flowkit("service", "status", "--json", check=True).stdout)
        assert (report["flows"], report["running"], report["dead"]) == (1, 0, [])


def test_nothing_is_run_without_a_service(project: Project) -> None:
    project.write("flow.py", WAITING)
    done = project.run("--metadata", "service", "run")
    assert done.returncode != 0
    assert "flowkit service up" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(project.path.glob("waits-*"))
