"""Logs that are put as a whole."""

from __future__ import annotations

import threading

import pytest

from flowkit.artifacts.remote.log_writer import RemoteLogWriter
from flowkit.errors import DatastoreError


def test_a_short_log_is_put_once() -> None:
    puts: list[bytes] = []
    log = RemoteLogWriter(puts.append)
    for line in (b"one\n", b"two\n"):
        log.append(line)
    log.close()
    log.close()
    assert puts == [b"one\ntwo\n"]


def test_what_was_appended_is_put_though_nothing_follows() -> None:
    is_put = threading.Event()
    puts: list[bytes] = []

    def put(content: bytes) -> None:
        puts.append(content)
        is_put.set()

    log = RemoteLogWriter(put, first_interval=0.01)
    log.append(b"one\n")
    assert is_put.wait(30)
    log.append(b"two\n")
    log.close()
    assert puts[0] == b"one\n"
    assert puts[-1] == b"one\ntwo\n"


def test_a_failure_is_made_good_later() -> None:
    tried = threading.Event()
    puts: list[bytes] = []

    def put(content: bytes) -> None:
        if not tried.is_set():
            tried.set()
            raise DatastoreError("no network")
        puts.append(content)

    log = RemoteLogWriter(put, first_interval=0.01)
    log.append(b"one\n")
    assert tried.wait(30)
    log.close()
    assert puts == [b"one\n"]


def test_the_last_failure_is_raised() -> None:
    def put(content: bytes) -> None:
        raise DatastoreError("no network")

    log = RemoteLogWriter(put)
    log.append(b"one\n")
    with pytest.raises(DatastoreError, match="no network"):
        log.close()
