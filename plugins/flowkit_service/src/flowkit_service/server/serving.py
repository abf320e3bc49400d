"""A server's process: its socket, its database, uvicorn, and its end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import uvicorn
from starlette.types import ASGIApp

from flowkit_service.errors import ServiceError
from flowkit_service.storage.database import Database
from flowkit_service.storage.versions import check_is_newest, scripts_for

__all__ = ["bind", "serve"]

#: Seconds that requests which are being answered get when the server is told to end.
_LAST_SECONDS = 10
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises ServiceError."""
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ServiceError(
            f"port {port} of {host} can't be taken ({error.strerror}): name another with --port, or 0 for a free one"
        ) from None
    return listening


def serve(
    app: ASGIApp, database: Database, listening: socket.socket, started: Callable[[], None], *, migrate: bool = True
) -> None:
    """Answer requests until SIGINT or SIGTERM; those that have begun are answered still.

    Parameters
    ----------
    started
        Called when the server is ready.
    migrate
        Make or change the tables first.

    Raises
    ------
    FlowkitError
        If the database can't be opened or migrated, or would have to be.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_LAST_SECONDS,
        # Longer than clients keep theirs, so that a connection isn't closed under a request.
        timeout_keep_alive=75,
        backlog=2048,
    )

    async def run() -> None:
        await database.open()
        try:
            scripts = scripts_for(database.dialect)
            if migrate:
                await database.migrate(scripts)
            else:
                check_is_newest(await database.version(), scripts, database.location)
            await _Server(config, started).serve(sockets=[listening])
        finally:
            await database.close()

    with closing(listening), asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell when it is done."""
        await super().startup(sockets)
        self._when_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """An end that was asked for is no error: the signal isn't given on when it has been heard."""
        loop = asyncio.get_running_loop()
        for one in _SIGNALS:
            loop.add_signal_handler(one, self._end)
        try:
            yield
        finally:
            for one in _SIGNALS:
                loop.remove_signal_handler(one)

    def _end(self) -> None:
        # The second time, without waiting for anybody.
        self.force_exit = self.should_exit
        self.should_exit = True
