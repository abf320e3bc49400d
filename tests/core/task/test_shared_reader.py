"""A child that reads for its parent."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable

import pytest

from flowkit.builtin.local_compute.shared_reader import SharedReader
from flowkit.task.process import Libc
from flowkit.task.shared_inputs import Contents


def read_with(read: Callable[[], Contents]) -> Contents:
    reader = SharedReader(read, Libc())
    try:
        while (contents := reader.receive()) is None:
            select.select([reader._fd], [], [])
        return contents
    finally:
        reader.close()
        os.wait()


@pytest.mark.parametrize(
    "contents",
    [
        (b"manifest", b"items"),
        (b"", b""),
        (None, None),
        (None, b"items"),
        (b"x" * 900_000, None),
        (b"", b"y" * 900_000),
    ],
    ids=lambda contents: str([None if one is None else len(one) for one in contents]),
)
def test_what_the_child_reads_comes_to_the_parent(contents: Contents) -> None:
    """However large it is, and with what is missing."""
    assert read_with(lambda: contents) == contents


def test_the_child_is_another_process() -> None:
    assert read_with(lambda: (str(os.getpid()).encode(), None))[0] != str(os.getpid()).encode()


def test_a_child_that_fails_has_read_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """It says nothing either."""

    def fail() -> Contents:
        raise OSError("no network")

    assert read_with(fail) == (None, None)
    assert capfd.readouterr() == ("", "")


def test_a_child_that_dies_has_read_nothing() -> None:
    def die() -> Contents:
        os._exit(3)

    assert read_with(die) == (None, None)


def test_a_reader_that_is_closed_early_ends() -> None:
    """It can't write any more."""
    reader = SharedReader(lambda: (b"x" * 900_000, None), Libc())
    reader.close()
    _, status = os.wait()
    assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGPIPE)
