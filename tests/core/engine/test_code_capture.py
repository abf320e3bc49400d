"""The code of a run is stored beside the run, which doesn't wait for it longer than the user does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from flowkit.artifacts.layout import code_key
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.compile.compiler import compile_flow
from flowkit.engine import code_capture
from flowkit.engine.code_capture import CodeCapture
from flowkit.engine.observer import RunObserver
from flowkit.engine.reactor import SelectorReactor
from flowkit.engine.session import Session
from flowkit.errors import StorageFull
from flowkit.interfaces.datastore import Buffer
from flowkit.kernel.registry import default_registry
from flowkit.model.record import RunRecord
from flowkit.packaging import memory
from flowkit.settings import Settings

FLOW = """
from flowkit import FlowSpec, step

class OneFlow(FlowSpec):
    @step
    def start(self):
        pass
"""
PATIENCE = 60


class Told(RunObserver):
    """What the user is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def message(self, text: str) -> None:
        self.lines.append(text)


class GatedDatastore(LocalDatastore):
    """Writes when it may, or fails."""

    gate: threading.Event
    failure: BaseException | None = None

    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        if "/code/" in key:
            assert self.gate.wait(PATIENCE)
            if self.failure is not None:
                raise self.failure
        return super().put(key, parts, overwrite=overwrite)


class Case:
    """One run whose code is to be stored."""

    def __init__(self, folder: Path, reactor: SelectorReactor) -> None:
        self.told = Told()
        file = folder / "one_flow.py"
        file.write_text(FLOW)
        spec = spec_from_file_location("one_flow_of_a_test", file)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        settings = Settings.load({"FLOWKIT_HOME": str(folder), "FLOWKIT_USER": "tester"}, folder)
        registry = default_registry()
        self.session = Session(registry, settings, compile_flow(module.OneFlow, registry))
        self.session.metadata.create_run(RunRecord("OneFlow", "1", "tester", 1.0))
        self.datastore = GatedDatastore.open(str(folder / ".flowkit"))
        self.datastore.gate = threading.Event()
        self.session.__dict__["datastore"] = self.datastore
        self.capture = CodeCapture(self.session, reactor, [self.told])

    @property
    def run(self) -> RunRecord:
        found = self.session.metadata.run("OneFlow", "1")
        assert found is not None
        return found


@pytest.fixture
def reactor() -> Iterator[SelectorReactor]:
    with SelectorReactor() as reactor:
        yield reactor


@pytest.fixture
def case(tmp_path: Path, reactor: SelectorReactor) -> Iterator[Case]:
    folder = tmp_path / "project"
    (folder / ".flowkit").mkdir(parents=True)
    made = Case(folder, reactor)
    yield made
    made.datastore.gate.set()
    for thread in threading.enumerate():
        if thread.name == "flowkit-code":
            thread.join(PATIENCE)
    made.session.close()


def test_the_code_is_stored_and_recorded_while_the_run_goes_on(case: Case) -> None:
    case.capture.begin(case.run)
    assert case.run.code == ""
    case.datastore.gate.set()
    case.capture.wait()
    assert case.datastore.info(code_key("OneFlow", case.run.code)) is not None
    assert case.capture.recorded(case.run).code == case.run.code
    assert case.told.lines == []


def test_code_that_is_known_needs_no_thread(
    case: Case, reactor: SelectorReactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_STEP_NS", 0)
    case.datastore.gate.set()
    case.capture.begin(case.run)
    case.capture.wait()
    monkeypatch.setattr(threading, "Thread", None)
    again = CodeCapture(case.session, reactor, [case.told])
    again.begin(case.run)
    again.wait()
    assert again.recorded(RunRecord("OneFlow", "2", "tester", 1.0)).code == case.run.code


def test_nobody_waits_after_an_interrupt(case: Case, reactor: SelectorReactor) -> None:
    case.capture.begin(case.run)
    reactor.call_later(0.01, case.capture.give_up)
    case.capture.wait()
    assert case.told.lines == ["the code of this run isn't stored: the run was interrupted before it was"]
    assert case.run.code == ""


def test_the_user_is_told_what_is_waited_for(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_capture, "_PATIENCE_SECONDS", 0.0)
    case.capture.begin(case.run)
    case.told.message = lambda text: (case.told.lines.append(text), case.datastore.gate.set())[0]  # type: ignore[method-assign]
    case.capture.wait()
    assert case.told.lines == [f"Storing the code in {Path(case.session.compiled.file).parent} …"]
    assert case.run.code


def test_a_thread_that_ends_after_the_run_leaves_the_reactor_alone(
    case: Case, reactor: SelectorReactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.capture.begin(case.run)
    reactor.run_once(0)
    [thread] = [one for one in threading.enumerate() if one.name == "flowkit-code"]
    case.capture.close()
    # Its file descriptors may be another's by then.
    monkeypatch.setattr(reactor, "call_soon_threadsafe", None)
    case.datastore.gate.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.parametrize("failure", [StorageFull("the disk is full"), ZeroDivisionError("odd")])
def test_a_failure_is_told_in_a_line(case: Case, failure: BaseException) -> None:
    case.datastore.failure = failure
    case.datastore.gate.set()
    case.capture.begin(case.run)
    case.capture.wait()
    [line] = case.told.lines
    assert line.startswith("the code of this run isn't stored: ")
    assert str(failure) in line
    assert case.capture.recorded(case.run) == case.run
