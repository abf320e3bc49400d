"""Flows of notebook cells, in a real Jupyter kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from flowkit import FlowkitError, FlowSpec, NBRunner
from flowkit.client import Flow
from support.processes import is_gone

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    # Of the client of Jupyter's kernels, when it is collected.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CELL = """
import os, time
from flowkit import FlowSpec, NBRunner, Parameter, step

def doubled(x):
    return 2 * x

class CellFlow(FlowSpec):
    alpha = Parameter("alpha", default=1)
    hold = Parameter("hold", default="")

    @step
    def start(self):
        self.twice = doubled(self.alpha)
        print("twice is", self.twice, flush=True)
        if self.hold:
            with open(self.hold, "w") as file:
                file.write(str(os.getpid()))
            time.sleep(600)
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def make(folder: Path, *cells: str) -> NotebookClient:
    """A notebook that isn't run yet."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}, allow_errors=True
    )


def shown(client: NotebookClient) -> str:
    """All that its cells wrote, and their errors."""
    outputs: list[dict[str, Any]] = [one for cell in client.nb.cells for one in cell.outputs]
    return "".join(one.get("text") or f"{one.get('ename', '')}: {one.get('evalue', '')}\n" for one in outputs)


def act(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_a_cell_that_defines_a_flow_and_runs_it(tmp_path: Path) -> None:
    client = make(
        tmp_path,
        f"%matplotlib --list\n{CELL}\nrunner = NBRunner(CellFlow)\nrun = runner.nbrun(alpha=21)\n"
        "print('result', run.data.twice)\n"
        "folder = os.path.dirname(runner.flow_file)\n"
        "runner.cleanup()\n"
        "print('left', os.path.exists(folder))",
    )
    act(client.async_execute())
    text = shown(client)
    assert "twice is 42" in text
    assert "result 42" in text
    assert "left False" in text


def test_a_runner_runs_as_often_as_it_is_asked_until_it_is_cleaned_up(tmp_path: Path) -> None:
    client = make(
        tmp_path,
        CELL,
        "runner = NBRunner(CellFlow, show_output=False)\n"
        "first = runner.nbrun(alpha=3)\n"
        "second = runner.nbrun(alpha=5)\n"
        "again = runner.nbresume(origin_run_id=first.id)\n"
        "third = await runner.async_run(alpha=7)\n"
        "await third.wait()\n"
        "print('results', [one.data.twice for one in (first, second, again, third.run)])\n"
        "runner.cleanup()",
        "runner.nbrun(alpha=9)",
        "await runner.async_run()",
    )
    act(client.async_execute())
    text = shown(client)
    assert "results [6, 10, 6, 14]" in text
    said = "FlowkitError: this Runner of CellFlow.py was cleaned up, and starts nothing any more: make a new one"
    assert text.count(said) == 2


def test_the_file_goes_with_its_runner(tmp_path: Path) -> None:
    client = make(
        tmp_path,
        CELL,
        "import gc, tempfile\n"
        "tempfile.tempdir = os.path.abspath('temporary')\n"
        "os.mkdir(tempfile.tempdir)\n"
        "runner = NBRunner(CellFlow, show_output=False)\n"
        "print('kept', len(os.listdir(tempfile.tempdir)))\n"
        "run = runner.nbrun(alpha=2)\n"
        "del runner\n"
        "gc.collect()\n"
        "print('left', os.listdir(tempfile.tempdir), run.data.twice)",
    )
    act(client.async_execute())
    text = shown(client)
    assert "kept 2" in text
    assert "left [] 4" in text


def test_a_flow_of_an_earlier_cell_is_the_one_defined_last(tmp_path: Path) -> None:
    client = make(
        tmp_path,
        CELL.replace("2 * x", "3 * x"),
        CELL,
        "runner = NBRunner(CellFlow, show_output=False)\nresult = runner.run(alpha=5)\nprint(result.status)",
        "run = runner.nbresume(step_to_rerun='start', origin_run_id=result.run.id)\nprint(run.data.twice, run.id)",
    )
    act(client.async_execute())
    text = shown(client)
    assert "successful" in text
    assert "10 " in text
    assert "twice is" not in text


def test_an_interrupted_cell_ends_its_run(tmp_path: Path) -> None:
    held = tmp_path / "held"
    client = make(tmp_path, CELL, f"NBRunner(CellFlow).nbrun(hold={str(held)!r})", "print('kernel lives')")

    async def interrupted() -> None:
        async with client.async_setup_kernel():
            await client.async_execute_cell(client.nb.cells[0], 0)
            cell = asyncio.create_task(client.async_execute_cell(client.nb.cells[1], 1))
            while not (held.exists() and held.read_text()):
                assert not cell.done(), shown(client)
                await asyncio.sleep(0.02)
            await client.km.interrupt_kernel()
            await cell
            await client.async_execute_cell(client.nb.cells[2], 2)

    act(interrupted())
    text = shown(client)
    assert "KeyboardInterrupt" in text
    assert "kernel lives" in text
    assert is_gone(int(held.read_text()))
    run = Flow("CellFlow").latest_run
    assert run is not None
    assert run.finished
    assert not run.successful


def test_outside_of_a_notebook() -> None:
    class Nowhere(FlowSpec):
        """Not in a cell."""

    with pytest.raises(FlowkitError, match="needs a notebook"):
        NBRunner(Nowhere)


def test_a_cell_is_deployed(tmp_path: Path) -> None:
    client = make(
        tmp_path,
        CELL,
        "from flowkit import NBDeployer\n"
        "deployer = NBDeployer(CellFlow, show_output=False)\n"
        "deployed = deployer.local().create()\n"
        "file = deployer.flow_file\n"
        "deployer.cleanup()\n"
        "run = deployed.trigger(alpha=4)\n"
        "run.wait_for_completion(timeout=60)\n"
        "print('deployed', run.status, run.run.data.twice, os.path.exists(file), deployed.delete())",
    )
    act(client.async_execute())
    assert "deployed Succeeded 8 False True" in shown(client)


def test_deploying_a_cell_needs_a_notebook() -> None:
    from flowkit import NBDeployer

    class Unknown(FlowSpec):
        pass

    with pytest.raises(FlowkitError, match="NBDeployer needs a notebook or IPython; in a program, use Deployer"):
        NBDeployer(Unknown)
