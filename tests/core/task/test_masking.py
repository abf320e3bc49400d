"""A process that masks secrets in its own output, by another process between it and whoever reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

Start = Callable[..., "subprocess.Popen[bytes]"]
HEAD = """
import faulthandler, os, signal, subprocess, sys
from flowkit.task.masking import OutputMask
print("before sesame-1")
mask = OutputMask(lambda: None)
mask.add(["sesame-1"])
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a program that masks ``sesame-1``; what is left of its process group is killed at the end."""
    processes: list[subprocess.Popen[bytes]] = []

    def begin(body: str, **options: Any) -> subprocess.Popen[bytes]:
        file = tmp_path / "program.py"
        file.write_text(HEAD + dedent(body))
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen([sys.executable, str(file)], process_group=0, **streams)
        processes.append(process)
        return process

    yield begin
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def test_secrets_are_masked_from_when_they_are_sent(start: Start) -> None:
    process = start(
        """
        print("sesame-1, sesame-2", flush=True)
        mask.drain()
        mask.add(["sesame-2"])
        print("sesame-1, sesame-2", file=sys.stderr)
        subprocess.run(["sh", "-c", "echo sesame-2 from a shell"])
        mask.drain()
        """
    )
    stdout, stderr = process.communicate()
    assert stdout == b"before sesame-1\n***, sesame-2\n*** from a shell\n"
    assert stderr == b"***, ***\n"


def test_no_piece_of_a_line_is_passed_on_before_its_end(start: Start) -> None:
    process = start(
        """
        for piece in (b"one se", b"same-", b"1 two"):
            os.write(1, piece)
            mask.drain() if piece == b"1 two" else None
        os.write(1, b" three\\n")
        """
    )
    assert process.communicate()[0] == b"before sesame-1\none *** two three\n"


def test_a_long_line_is_passed_on_before_its_end(start: Start) -> None:
    process = start(
        """
        sys.stdout.write("x" * 3_000_000)
        sys.stdout.flush()
        sys.stdin.readline()
        """
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == b"before sesame-1\n"
    assert process.stdout.read(2_500_000) == b"x" * 2_500_000
    process.stdin.close()
    assert process.stdout.read() == b"x" * 500_000


def test_the_last_words_of_a_crash_come_out(start: Start) -> None:
    process = start(
        """
        faulthandler.enable()
        os.write(1, b"sesame-1 without an end")
        os.kill(os.getpid(), signal.SIGSEGV)
        """
    )
    stdout, stderr = process.communicate()
    assert process.returncode == -signal.SIGSEGV
    assert stdout == b"before sesame-1\n*** without an end"
    assert stderr.startswith(b"Fatal Python error: Segmentation fault")


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_what_is_written_while_cleaning_up_comes_out(start: Start, signum: signal.Signals) -> None:
    process = start(
        """
        def clean_up(*_):
            print("cleaned up after sesame-1")
            sys.exit(3)

        signal.signal(signal.SIGINT, clean_up)
        signal.signal(signal.SIGTERM, clean_up)
        print("ready", flush=True)
        signal.pause()
        """
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == [b"before sesame-1\n", b"ready\n"]
    os.killpg(process.pid, signum)
    assert process.stdout.read() == b"cleaned up after ***\n"
    assert process.wait() == 3


def test_whatever_is_killed_when_the_program_has_ended_nothing_is_lost(start: Start) -> None:
    process = start(
        """
        sys.stdout.write("line of sesame-1\\n" * 1000 + "the last")
        sys.stdout.flush()
        mask.drain()
        os._exit(0)
        """
    )
    process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    assert process.stdout is not None
    assert process.stdout.read() == b"before sesame-1\n" + b"line of ***\n" * 1000 + b"the last"


def test_a_stream_ends_when_nobody_has_it_open(start: Start) -> None:
    process = start(
        """
        left = subprocess.Popen([sys.executable, "-c", "input()"], stdout=subprocess.DEVNULL)
        print("done")
        """
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdin is not None
    # What is left has stderr open, as it would without a mask.
    assert process.stdout.read() == b"before sesame-1\ndone\n"
    process.stdin.write(b"\n")
    process.stdin.close()
    assert process.stderr.read() == b""


def test_files_that_the_program_had_open_are_closed_with_it(start: Start) -> None:
    ours, theirs = os.pipe()
    process = start(
        f"""
        left = subprocess.Popen([sys.executable, "-c", "input()"])
        assert os.fstat({theirs})
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        pass_fds=(theirs,),
    )
    os.close(theirs)
    assert os.read(ours, 1) == b""
    os.close(ours)
    assert process.wait() == -signal.SIGKILL


def test_it_is_no_child_of_the_program(start: Start) -> None:
    process = start(
        """
        try:
            os.wait()
        except ChildProcessError:
            print("no child")
        """
    )
    assert process.communicate()[0].endswith(b"no child\n")


def test_streams_that_are_one_file_keep_the_order_between_them(start: Start) -> None:
    process = start(
        """
        for number in range(200):
            os.write(1 + number % 2, b"%d sesame-1\\n" % number)
        """,
        stderr=subprocess.STDOUT,
    )
    expected = b"".join(b"%d ***\n" % number for number in range(200))
    assert process.communicate()[0] == b"before sesame-1\n" + expected


def test_whoever_writes_learns_that_nobody_reads(start: Start) -> None:
    process = start(
        """
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        sys.stdin.readline()
        try:
            while True:
                os.write(1, b"sesame-1\\n")
        except BrokenPipeError:
            print("nobody reads", file=sys.stderr)
        os._exit(0)
        """
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stdin.close()
    assert process.stderr.read() == b"nobody reads\n"
