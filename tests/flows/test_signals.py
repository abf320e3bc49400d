"""Signals that come while a run begins or ends: what is recorded is true."""

from __future__ import annotations

import signal

import pytest

from support.project import Project
from support.records import latest_run, tasks_of

FLOW = """
    from flowkit import FlowSpec, step


    class SignalFlow(FlowSpec):
        @step
        def start(self):
            self.next(self.end)

        @step
        def end(self):
            print("the end")


    if __name__ == "__main__":
        SignalFlow()
"""
#: Runs the flow in a process that gives itself a signal before a function of the engine does its work.
SIGNALLED = """
    import os
    import runpy
    import signal
    import sys

    from flowkit.engine import launch

    where, name, number = sys.argv[1:4]
    owner = getattr(launch, where) if where else launch
    does = getattr(owner, name)

    def signalled(*arguments, **options):
        os.kill(os.getpid(), int(number))
        return does(*arguments, **options)

    setattr(owner, name, signalled)
    sys.argv = ["flow.py", "run"]
    runpy.run_path("flow.py", run_name="__main__")
"""
ALL = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])


@pytest.fixture
def signalled(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("signalled.py", SIGNALLED)
    return project


@ALL
@pytest.mark.parametrize("where", [("RunLaunch", "_create_run"), ("", "store_inputs"), ("RunLaunch", "_loop")])
def test_a_run_that_is_ended_while_it_begins_has_failed(
    signalled: Project, where: tuple[str, str], number: signal.Signals
) -> None:
    done = signalled.python("signalled.py", *where, str(int(number)))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    run = latest_run(signalled, "SignalFlow")
    assert run is not None
    reasons = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "its terminal was closed"}
    assert (run.status, run.info["failure"]) == ("failed", reasons[number])
    assert run.finished_at is not None
    assert not tasks_of(signalled, run)


@ALL
def test_a_run_whose_tasks_are_done_has_succeeded(signalled: Project, number: signal.Signals) -> None:
    done = signalled.python("signalled.py", "RunLaunch", "_end_run", str(int(number)))
    assert done.returncode == 0, done.stderr
    assert "succeeded" in done.stderr
    run = latest_run(signalled, "SignalFlow")
    assert run is not None
    assert run.status == "succeeded"


@ALL
def test_while_hooks_of_the_end_run_a_signal_ends_the_process(signalled: Project, number: signal.Signals) -> None:
    done = signalled.python("signalled.py", "RunLaunch", "_tell_end", str(int(number)))
    assert done.returncode == 1
    assert "Interrupted" in done.stderr
    run = latest_run(signalled, "SignalFlow")
    assert run is not None
    assert run.status == "succeeded"
