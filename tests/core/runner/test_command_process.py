"""What a program ends of what it started: its own, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flowkit.runner.process import CommandProcess
from support.processes import is_gone

#: Writes the number of a process that it leaves behind.
LEAVING = "sleep 600 & echo $!"


def started(folder: Path, script: str) -> CommandProcess:
    return CommandProcess(["sh", "-c", script], dict(os.environ), str(folder), folder)


def wait_for(process: CommandProcess) -> None:
    """Until it has ended, but not been waited for."""
    os.waitid(os.P_PID, process.process.pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.parametrize("asked_by", ["returncode", "kill"])
def test_what_a_command_leaves_is_ended_once_its_end_is_seen(tmp_path: Path, asked_by: str) -> None:
    process = started(tmp_path, f"{LEAVING}; exit 3")
    wait_for(process)
    process.kill() if asked_by == "kill" else process.returncode
    assert process.returncode == 3
    assert is_gone(int(process.log("stdout")))


def test_a_number_that_is_anothers_by_now_is_left_alone(tmp_path: Path) -> None:
    process = started(tmp_path, "exit 0")
    wait_for(process)
    assert process.returncode == 0
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        # As if the system had given it the number again.
        process.process.pid = stranger.pid
        process.kill()
        assert process.returncode == 0
        assert stranger.poll() is None
        # Whoever is killed has ended before what is sent it later could.
        stranger.send_signal(signal.SIGTERM)
        assert stranger.wait() == -signal.SIGTERM
    finally:
        stranger.kill()
        stranger.wait()


def test_a_command_that_the_program_itself_waited_for(tmp_path: Path) -> None:
    process = started(tmp_path, "exit 0")
    os.waitpid(process.process.pid, 0)
    process.kill()
    # Nobody knows it any more.
    assert process.returncode == 0


def test_a_forked_process_ends_and_removes_nothing(flow: Path, tmp_path: Path) -> None:
    held = tmp_path / "held"
    (tmp_path / "program.py").write_text(f"""
import asyncio, os, sys
from flowkit import FlowkitError, Runner

async def main():
    async with Runner("flow.py", show_output=False) as runner:
        executing = await runner.async_run(hold={str(held)!r})
        pid = os.fork()
        if pid == 0:
            executing.command_obj.kill()
            try:
                sys.exit(executing.returncode)
            except FlowkitError as error:
                sys.exit(7 if f"was started by process {{os.getppid()}}" in str(error) else 8)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        print(executing.status, os.path.exists(executing.command_obj.log_files["stdout"]))
        while not (os.path.exists({str(held)!r}) and open({str(held)!r}).read()):
            await asyncio.sleep(0.02)
        os.kill(int(open({str(held)!r}).read()), 9)
        print((await executing.wait()).status)

asyncio.run(main())
""")
    program = [sys.executable, "program.py"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.returncode) == ("7\nrunning True\nsuccessful\n", 0), done.stderr
