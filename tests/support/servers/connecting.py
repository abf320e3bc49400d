"""Counts attempts to connect, for tests of services that aren't there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

__all__ = ["connecting_counted", "first_patience_ended"]


@contextmanager
def connecting_counted() -> Iterator[list[int]]:
    """Ports that urllib3, which all SDKs use, tries to connect to while the context lasts."""
    from urllib3.util import connection

    ports: list[int] = []
    connect: Callable[..., Any] = connection.create_connection

    def counted(address: tuple[str, int], *arguments: Any, **named: Any) -> Any:
        ports.append(address[1])
        return connect(address, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "create_connection", counted)
        yield ports


@contextmanager
def first_patience_ended() -> Iterator[None]:
    """Nobody waits, while the context lasts, for a service that has never answered."""
    from flowkit.artifacts.remote import reachability

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reachability, "_AT_FIRST", 0.0)
        yield
