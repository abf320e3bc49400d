"""What a flow with artifacts in a remote store must show: it runs, fails, resumes, is read, and survives faults."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from support.project import Project
from support.servers.fault_proxy import Cut, CutUpload, Delay, Fault, FaultProxy, LoseAnswer, Refuse, Request

__all__ = ["LostLogTests", "RemoteFlowTests"]

FLOW = """
    import os
    import numpy
    from flowkit import FlowSpec, card, current, step
    from flowkit.cards import Markdown

    class RemoteFlow(FlowSpec):
        @step
        def start(self):
            print("hello from start")
            self.items = ["a", "b", "c", "d"]
            self.big = numpy.arange(400_000)
            self.noise = os.urandom(3_000_000)
            self.next(self.work, foreach="items")

        @step
        def work(self):
            print("working on", self.input)
            if os.environ.get("BREAK") and self.input == "c":
                raise ValueError("broken")
            self.out = self.input * 2
            self.next(self.join)

        @card(type="blank")
        @step
        def join(self, inputs):
            self.total = "".join(task.out for task in inputs)
            self.sum = int(inputs[0].big.sum()), len(inputs[0].noise)
            current.card.append(Markdown("# the card of join"))
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        RemoteFlow()
"""
READ = """
    from flowkit import Flow
    from flowkit.cards import get_cards

    run = Flow("RemoteFlow").latest_run
    join = run["join"].task
    print(run.successful, join.data.total, join.data.sum)
    start = run["start"].task
    print(int(start.data.big.sum()), len(start.data.noise), start.stdout.strip())
    print(sorted((task.index, task.stdout.strip(), task.data.out) for task in run["work"]))
    found = run.where(artifacts={"out": "bb"})
    print([task.index for task in run["work"].where(input="c")], [task.data.out for task in found])
    print("the card of join" in get_cards(join)[0].get())
    print(run.code.script_name, "class RemoteFlow" in run.code.flowspec)
"""
WORK = [(place, f"working on {item}", item * 2) for place, item in enumerate("abcd")]
READ_BACK = "79999800000 3000000 hello from start"
WHOLE = f"True aabbccdd (79999800000, 3000000)\n{READ_BACK}\n{WORK}\n[2] ['bb']\nTrue\nflow.py True\n"

Environment = dict[str, str | None]


class RemoteFlowTests(ABC):
    """Inherit, and give what leads a process to a store behind the proxy, in a bucket of its own.

    The fixture ``proxy`` is the subclass's module's.
    """

    @pytest.fixture
    @abstractmethod
    def environment(self, proxy: FaultProxy) -> Environment:
        """Variables of a process that runs or reads flows."""

    @pytest.fixture
    def flow(self, project: Project) -> Project:
        project.write("flow.py", FLOW)
        project.write("read.py", READ)
        return project

    def read(self, flow: Project, environment: Environment) -> str:
        return flow.python("read.py", env=environment, check=True).stdout

    def test_it_fails_resumes_and_is_read(self, flow: Project, environment: Environment, proxy: FaultProxy) -> None:
        """Artifacts, logs and the card are in the store, records on this machine; what was read is kept."""
        failed = flow.run("run", env={**environment, "BREAK": "1"})
        assert failed.returncode == 1
        assert "broken" in failed.stdout
        flow.run("resume", env=environment, check=True)
        assert self.read(flow, environment) == WHOLE
        # Besides, what is remembered of the flow's folder.
        kept = [path for path in flow.store.rglob("*") if path.is_file() and ".cache" not in path.parts]
        assert {path.name.partition("-")[0] for path in kept} == {"metadata.db"}
        # Whoever reads it again, in another process, fetches nothing that can't have changed.
        proxy.counted()
        assert self.read(flow, environment) == WHOLE
        assert not any("blobs" in request.path for request in proxy.requests)
        kept = [path for path in Path(flow.home, ".cache", "flowkit").rglob("*") if path.stat().st_size > 2_000_000]
        assert len(kept) >= 1
        # A damaged copy is as good as none.
        for path in kept:
            path.write_bytes(path.read_bytes()[:-100] + bytes(100))
        assert self.read(flow, environment) == WHOLE
        assert any("blobs" in request.path for request in proxy.requests)

    def test_faults_on_the_way(self, flow: Project, environment: Environment, proxy: FaultProxy) -> None:
        """Every fourth request is delayed, cut, refused or done without an answer: no byte is wrong."""
        faults: list[Fault] = [Refuse(503), Cut(1000), Delay(0.1), LoseAnswer(), CutUpload(100)]
        seen: list[Request] = []

        def choose(request: Request) -> Fault | None:
            seen.append(request)
            return faults[len(seen) // 4 % len(faults)] if len(seen) % 4 == 1 else None

        proxy.choose = choose
        flow.run("run", env=environment, check=True)
        assert self.read(flow, environment) == WHOLE
        assert len(seen) > 30

    def test_cuts_in_the_middle_of_large_bodies(
        self, flow: Project, environment: Environment, proxy: FaultProxy
    ) -> None:
        """Each large body is cut the first time, on its way there and on its way back, after a delay of other parts."""
        cut: set[tuple[str, str]] = set()

        def choose(request: Request) -> Fault | None:
            way = "up" if request.size > 2_000_000 else "down" if request.method == "GET" else ""
            if not way or (way == "down" and "blobs" not in request.path) or (way, request.path) in cut:
                return Delay(0.05)
            cut.add((way, request.path))
            return CutUpload(1_500_000) if way == "up" else Cut(1_500_000)

        proxy.choose = choose
        flow.run("run", env=environment, check=True)
        assert self.read(flow, environment) == WHOLE
        assert {way for way, _ in cut} == {"up", "down"}

    def lose_the_network(self, flow: Project, environment: Environment, proxy: FaultProxy, after: int) -> None:
        """Every connection is cut from some request on, and the run fails; once they come through again, it resumes."""
        proxy.counted()
        proxy.choose = lambda request: CutUpload(0) if len(proxy.requests) > after else None
        failed = flow.run("run", env=environment, timeout=400)
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr
        # What the SDK did meanwhile is nothing to the user.
        assert "urllib3" not in failed.stdout
        assert "During handling" not in failed.stdout
        proxy.choose = lambda request: None
        resumed = flow.run("resume", env=environment, check=True)
        assert "Traceback" not in resumed.stderr
        shown = self.read(flow, environment)
        # The output of what had ended by then may be lost with the network; nothing else is.
        assert shown.splitlines()[0] == WHOLE.splitlines()[0]
        assert shown.splitlines()[3:] == WHOLE.splitlines()[3:]


class LostLogTests(RemoteFlowTests):
    """For services whose requests name the object in their path."""

    def test_a_run_goes_on_without_its_logs(self, flow: Project, environment: Environment, proxy: FaultProxy) -> None:
        """The user is told once that they couldn't be stored."""
        proxy.choose = lambda request: Refuse(403) if ".log" in request.path and request.method == "PUT" else None
        done = flow.run("run", env=environment, check=True)
        told = [line for line in (done.stdout + done.stderr).splitlines() if "could not be stored in full" in line]
        assert len(told) == 1
        assert "The output of 5 tasks" in told[0]
        assert self.read(flow, environment).splitlines()[0] == WHOLE.splitlines()[0]
