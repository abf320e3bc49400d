"""A flow whose artifacts are in S3: it runs, resumes, and is read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from support.project import Project
from support.servers.fault_proxy import FaultProxy, Refuse, fault_proxy

FLOW = """
    import os
    from flowkit import FlowSpec, step

    class RemoteFlow(FlowSpec):
        @step
        def start(self):
            print("hello from start")
            self.items = list(range(4))
            self.big = os.urandom(3_000_000)
            self.next(self.work, foreach="items")

        @step
        def work(self):
            if os.environ.get("BREAK") and self.input == 2:
                raise ValueError("broken")
            self.out = self.input * 2
            self.next(self.join)

        @step
        def join(self, inputs):
            self.total = sum(task.out for task in inputs)
            self.size = len(inputs[0].big)
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        RemoteFlow()
"""
READ = """
    from flowkit import Flow

    run = Flow("RemoteFlow").latest_run
    print(run.successful, run["join"].task.data.total, run["join"].task.data.size, run["start"].task.stdout)
"""


@pytest.fixture
def proxy(aws: str) -> Iterator[FaultProxy]:
    with fault_proxy(aws) as proxy:
        yield proxy


@pytest.fixture
def environment(bucket: str, proxy: FaultProxy) -> dict[str, str | None]:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "FLOWKIT_AWS_REGION")
    return {
        **{name: os.environ[name] for name in names},
        "FLOWKIT_S3_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}",
        "FLOWKIT_DATASTORE": "s3",
        "FLOWKIT_DATASTORE_SYSROOT_S3": f"s3://{bucket}/some/prefix",
    }


@pytest.fixture
def flow(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("read.py", READ)
    return project


def test_a_flow_runs_resumes_and_is_read(flow: Project, environment: dict[str, str | None]) -> None:
    failed = flow.run("run", env={**environment, "BREAK": "1"})
    assert failed.returncode == 1
    assert "broken" in failed.stdout
    flow.run("resume", env=environment, check=True)
    shown = flow.python("read.py", env=environment, check=True)
    assert shown.stdout == "True 12 3000000 hello from start\n\n"
    assert not list(flow.store.rglob("blobs"))


def test_the_store_may_be_named_on_the_command_line(flow: Project, environment: dict[str, str | None]) -> None:
    root = environment.pop("FLOWKIT_DATASTORE_SYSROOT_S3")
    environment.pop("FLOWKIT_DATASTORE")
    flow.run("--datastore", "s3", "--datastore-root", f"{root}", "run", env=environment, check=True)
    # The reader finds the store in the run's record.
    assert flow.python("read.py", env=environment, check=True).stdout.startswith("True 12 ")


def test_requests_of_a_task(flow: Project, environment: dict[str, str | None], proxy: FaultProxy) -> None:
    """Its input's manifest, the index of items and its item, its own manifest."""
    flow.run("run", env=environment, check=True)
    kinds = Counter(request.method for request in proxy.requests if "/work/" in request.path)
    # Written once each; read once each, by the join.
    assert kinds == {"PUT": 4, "GET": 4}
    # Parameters 1, code 1, start 6 with its items, a large artifact and a log, join 6, end 2.
    assert len(proxy.requests) <= 16 + 4 * 4


def test_losing_the_service_leaves_a_run_that_resumes(
    flow: Project, environment: dict[str, str | None], proxy: FaultProxy
) -> None:
    quick = {**environment, "FLOWKIT_S3_CLIENT_PARAMS": '{"config": {"retries": {"total_max_attempts": 1}}}'}
    proxy.choose = lambda request: Refuse(503) if "/work/" in request.path else None
    failed = flow.run("run", env=quick)
    assert failed.returncode == 1
    assert "503" in failed.stdout + failed.stderr
    proxy.choose = lambda request: None
    flow.run("resume", env=environment, check=True)
    assert flow.python("read.py", env=environment, check=True).stdout.startswith("True 12 3000000")
