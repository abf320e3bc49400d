"""Clients are built once, and never shared with a process that was forked after their use."""

from __future__ import annotations

import os
import signal
import threading

from flowkit.artifacts.remote.shared_client import SharedClient


class Client:
    def __init__(self) -> None:
        self.pid = os.getpid()
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def shared() -> SharedClient[Client]:
    return SharedClient(Client, lambda client: client.close())


def built_in_child(client: SharedClient[Client]) -> bool:
    """Whether a child builds a client of its own."""
    pid = os.fork()
    if pid == 0:
        os._exit(int(client.get().pid == os.getpid()))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def test_it_is_built_when_it_is_needed_and_once() -> None:
    client = shared()
    assert client.get() is client.get()


def test_a_prepared_client_is_inherited() -> None:
    client = shared()
    client.prepare()
    assert not built_in_child(client)
    assert not built_in_child(client)


def test_a_used_client_is_not_inherited() -> None:
    client = shared()
    ours = client.get()
    assert built_in_child(client)
    assert client.get() is ours
    assert ours.closed == 0


def test_a_child_that_is_forked_while_a_thread_builds_the_client() -> None:
    building, go_on = threading.Event(), threading.Event()
    parent = os.getpid()

    def build() -> Client:
        if os.getpid() == parent:
            building.set()
            go_on.wait()
        return Client()

    client = SharedClient(build, lambda client: client.close())
    thread = threading.Thread(target=client.get)
    thread.start()
    building.wait()
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)  # rather than for ever
        client.prepare()
        os._exit(int(client.get().pid == os.getpid()))
    ended = os.waitpid(pid, 0)[1]
    go_on.set()
    thread.join()
    assert os.waitstatus_to_exitcode(ended) == 1
    assert client.get().pid == parent


def test_a_closed_client_is_replaced() -> None:
    client = shared()
    first = client.get()
    client.close()
    client.close()
    assert first.closed == 1
    assert client.get() is not first
