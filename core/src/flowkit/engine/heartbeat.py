"""Signs of life of a running run."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from flowkit.errors import FlowkitError
from flowkit.interfaces.compute_backend import Reactor, Timer
from flowkit.interfaces.metadata_provider import MetadataProvider

__all__ = ["HEARTBEAT_SECONDS", "Heartbeat"]

HEARTBEAT_SECONDS = 10.0


class Heartbeat:
    """While entered, records a sign of life every ten seconds. One that can't be recorded is let go."""

    def __init__(self, reactor: Reactor, metadata: MetadataProvider, flow: str, run_id: str) -> None:
        self._reactor = reactor
        self._metadata = metadata
        self._flow = flow
        self._run_id = run_id
        self._timer: Timer | None = None

    def __enter__(self) -> Self:
        self._timer = self._reactor.call_later(HEARTBEAT_SECONDS, self._beat)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _beat(self) -> None:
        try:
            self._metadata.heartbeat(self._flow, self._run_id, time.time())
        except FlowkitError:
            # The next record that matters will fail loudly if the store is really gone.
            self._timer = None
        self._timer = self._reactor.call_later(HEARTBEAT_SECONDS, self._beat)
