"""The event loop: files, timers, calls from threads."""

from __future__ import annotations

import os
import threading

from flowkit.engine.reactor import SelectorReactor


def test_a_readable_file_calls_back_until_it_is_removed() -> None:
    read, write = os.pipe()
    got: list[bytes] = []
    with SelectorReactor() as reactor:
        reactor.add_reader(read, lambda: got.append(os.read(read, 10)))
        os.write(write, b"a")
        assert reactor.run_once(5)
        reactor.remove_reader(read)
        os.write(write, b"b")
        assert not reactor.run_once(0.01)
    assert got == [b"a"]
    os.close(read)
    os.close(write)


def test_a_callback_may_remove_a_file_that_is_ready_too() -> None:
    pipes = [os.pipe(), os.pipe()]
    called: list[int] = []
    with SelectorReactor() as reactor:

        def remove_both(fd: int) -> None:
            called.append(fd)
            for read, _ in pipes:
                reactor.remove_reader(read)

        for read, write in pipes:
            reactor.add_reader(read, lambda fd=read: remove_both(fd))  # type: ignore[misc]
            os.write(write, b"x")
        reactor.run_once(5)
    assert len(called) == 1
    for read, write in pipes:
        os.close(read)
        os.close(write)


def test_timers_run_in_order_and_can_be_cancelled() -> None:
    ran: list[str] = []
    with SelectorReactor() as reactor:
        reactor.call_later(0.02, lambda: ran.append("second"))
        reactor.call_later(0.01, lambda: ran.append("first"))
        reactor.call_later(0.015, lambda: ran.append("never")).cancel()
        while len(ran) < 2:
            reactor.run_once()
    assert ran == ["first", "second"]


def test_another_thread_can_call_into_a_waiting_loop() -> None:
    ran: list[int] = []
    with SelectorReactor() as reactor:
        caller = threading.Timer(0.05, lambda: reactor.call_soon_threadsafe(lambda: ran.append(threading.get_ident())))
        caller.start()
        while not ran:
            assert reactor.run_once(30), "the loop was not woken"
        caller.join()
    assert ran == [threading.get_ident()]


def test_very_many_wake_ups_do_not_block() -> None:
    with SelectorReactor() as reactor:
        for _ in range(200_000):
            reactor.wake()
        assert reactor.run_once(1)
        assert not reactor.run_once(0.01)
