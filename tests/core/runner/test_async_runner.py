"""Runs that go on while the program does something else."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from flowkit import Runner
from support.processes import is_gone


async def appears(file: Path) -> int:
    while not (file.exists() and file.read_text()):
        await asyncio.sleep(0.02)
    return int(file.read_text())


def test_two_runs_at_once_and_one_cancelled(flow: Path, tmp_path: Path) -> None:
    held = tmp_path / "held"

    async def act() -> list[str]:
        async with Runner(flow) as runner:
            slow, fast = await asyncio.gather(runner.async_run(hold=str(held)), runner.async_run(alpha=9))
            assert slow.run.id != fast.run.id
            assert slow.status == "running"
            sleeper = await appears(held)
            lines = [line async for _, line in fast.stream_log("stdout")]
            waiting = asyncio.create_task(slow.wait())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert slow.status == "failed"
            assert slow.run.finished
            assert not slow.run.successful
            assert is_gone(slow.command_obj.process.pid)
            assert is_gone(sleeper)
            assert (await fast.wait()).status == "successful"
            folder = Path(fast.command_obj.log_files["stdout"]).parent.parent
        assert not folder.exists()
        return lines

    lines = asyncio.run(act())
    assert [line.rpartition("] ")[2] for line in lines] == ["alpha is 9", "bye"]


def test_lines_from_a_position(flow: Path) -> None:
    async def act() -> None:
        async with Runner(flow) as runner:
            executing = await runner.async_run()
            lines = [line async for line in executing.stream_log("stdout")]
            rest = [line async for line in executing.stream_log("stdout", lines[0][0])]
            assert rest == lines[1:]

    asyncio.run(act())


def test_a_run_that_takes_too_long_is_ended(flow: Path, tmp_path: Path) -> None:
    held = tmp_path / "held"

    async def act() -> None:
        async with Runner(flow) as runner, await runner.async_run(hold=str(held)) as executing:
            sleeper = await appears(held)
            await executing.wait(timeout=0.01)
            assert executing.status == "timeout"
            assert executing.returncode not in (None, 0)
            assert is_gone(sleeper)

    asyncio.run(act())


def test_waiting_prints_a_stream(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def act() -> None:
        async with Runner(flow) as runner:
            await (await runner.async_run(alpha=4)).wait(stream="stdout")

    asyncio.run(act())
    assert "alpha is 4" in capsys.readouterr().out


def test_leaving_the_runner_ends_its_runs(flow: Path, tmp_path: Path) -> None:
    held = tmp_path / "held"

    async def act() -> tuple[int, int]:
        async with Runner(flow) as runner:
            executing = await runner.async_run(hold=str(held))
            return executing.command_obj.process.pid, await appears(held)

    assert all(map(is_gone, asyncio.run(act())))


def test_a_program_that_ends_leaves_no_run(flow: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    held = tmp_path / "held"
    (tmp_path / "program.py").write_text(f"""
import asyncio, os, pathlib, time
from flowkit import Runner

async def main():
    executing = await Runner("flow.py").async_run(hold={str(held)!r})
    while not (os.path.exists({str(held)!r}) and open({str(held)!r}).read()):
        await asyncio.sleep(0.02)
    print(pathlib.Path(executing.command_obj.log_files["stdout"]).parent.parent, executing.command_obj.process.pid)

asyncio.run(main())
""")
    shown = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=os.environ, check=True, capture_output=True, text=True
    ).stdout.split()
    assert not os.path.exists(shown[0])
    assert is_gone(int(shown[1]))
    assert is_gone(int(held.read_text()))
