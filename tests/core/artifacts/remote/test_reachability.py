"""Services that can't be reached: why, and for how long it is tried."""

from __future__ import annotations

import socket

import pytest

from flowkit.artifacts.remote.reachability import Patience, patience_for, unreachable_reason
from flowkit.authoring.current import current


def caused(error: Exception, by: BaseException) -> Exception:
    try:
        raise error from by
    except Exception as made:
        return made


class ConnectTimeoutError(Exception):
    pass


class ProxyError(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "unknown host"),
        (OSError(101, "Network is unreachable"), "no route to the host"),
        (ConnectTimeoutError("10 s"), "no answer to an attempt to connect"),
        (caused(ValueError("x"), caused(RuntimeError("y"), ConnectionRefusedError())), "connection refused"),
        (ValueError("wraps", RuntimeError(socket.gaierror())), "unknown host"),
        (
            caused(ProxyError("x"), ConnectionRefusedError()),
            "the proxy that HTTP_PROXY or HTTPS_PROXY names: connection refused",
        ),
        (ConnectionResetError("reset"), ""),
        (TimeoutError("read"), ""),
        (ValueError("x"), ""),
    ],
)
def test_reasons(error: Exception, reason: str) -> None:
    assert unreachable_reason(error) == reason


def test_errors_in_a_circle_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert unreachable_reason(one) == ""


def test_patience_with_a_service_that_has_never_answered_ends() -> None:
    now = [100.0]
    patience = Patience(clock=lambda: now[0])
    assert not patience.is_at_end(ConnectionRefusedError())
    now[0] += 3
    assert not patience.is_at_end(ConnectionRefusedError())
    now[0] += 2
    assert patience.is_at_end(ConnectionRefusedError())
    # Other failures are a service's that is there.
    assert not patience.is_at_end(ConnectionResetError())


def test_patience_with_one_that_has_answered_does_not() -> None:
    now = [100.0]
    patience = Patience(clock=lambda: now[0])
    assert not patience.is_at_end(ConnectionRefusedError())
    patience.answered()
    now[0] += 1000
    assert not patience.is_at_end(ConnectionRefusedError())


def test_the_patience_of_a_task_does_not() -> None:
    now = [100.0]
    patience = Patience(clock=lambda: now[0])
    current._set({"task_id": "1"})
    try:
        for _ in range(3):
            assert not patience.is_at_end(ConnectionRefusedError())
            now[0] += 60
    finally:
        current._clear()


def test_one_patience_a_server() -> None:
    assert patience_for("http://host:1/a?b") is patience_for("http://host:1/c")
    assert patience_for("http://host:1/a") is not patience_for("http://host:2/a")
