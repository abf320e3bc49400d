"""A client of a service, built once a process and given to all that need it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

__all__ = ["SharedClient"]

T = TypeVar("T")


class SharedClient(Generic[T]):
    """Builds a client when it is needed, and anew in a process that was forked after it was used.

    A client that was built and not used has no connection: a child may use it. One that was used may have some, which
    a parent and its children must not share.

    Parameters
    ----------
    build
        Makes a client, without a connection.
    close
        Gives back a client's connections.
    """

    def __init__(self, build: Callable[[], T], close: Callable[[T], object]) -> None:
        self._build = build
        self._close = close
        self._client: T | None = None
        self._used_in = 0
        self._locks: dict[int, threading.Lock] = {}

    def prepare(self) -> None:
        """Build the client, to be used here or in children."""
        with self._own_lock():
            if self._client is None:
                self._client = self._build()

    def get(self) -> T:
        """The client, to be used now."""
        pid = os.getpid()
        client = self._client
        if client is not None and self._used_in == pid:
            return client
        with self._own_lock():
            if self._client is None or self._used_in not in (0, pid):
                self._client = self._build()
            self._used_in = pid
            return self._client

    @contextmanager
    def unconnected(self) -> Iterator[T]:
        """The client, for as long as nothing that is done with it makes a connection: it counts as not used after."""
        self.prepare()
        before = self._used_in
        try:
            yield self.get()
        finally:
            with self._own_lock():
                self._used_in = before

    def close(self) -> None:
        """Close the client's connections; the next to need a client gets a new one."""
        with self._own_lock():
            client, self._client = self._client, None
            used_in, self._used_in = self._used_in, 0
        # Another process's connections are that process's to close.
        if client is not None and used_in in (0, os.getpid()):
            self._close(client)

    def _own_lock(self) -> threading.Lock:
        # Each process has its own: one that another thread held when this process was forked is never released here.
        return self._locks.setdefault(os.getpid(), threading.Lock())
