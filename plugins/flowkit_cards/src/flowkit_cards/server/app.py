"""The server."""

from __future__ import annotations

import threading
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import quote

from flowkit_cards.errors import CardsError
from flowkit_cards.server.access import Access
from flowkit_cards.server.catalog import RunCards

__all__ = ["CardServer"]


class CardServer:
    """Shows cards to a browser on this machine, to those who have its address with the token in it.

    Parameters
    ----------
    flow, run_id
        Show this flow's runs, beginning with that one; None for all flows, and the newest run.
    port
        0 takes a free one.
    poll_interval
        Seconds between two looks at a run.
    max_cards
        How many cards of a run are shown.

    Raises
    ------
    CardsError
        If the port is taken.
    """

    def __init__(
        self,
        *,
        flow: str | None = None,
        run_id: str | None = None,
        port: int = 8324,
        poll_interval: float = 1.0,
        max_cards: int = 30,
    ) -> None:
        from flowkit_cards.server.handler import Handler

        self.flow, self.run_id = flow, run_id
        self.poll_interval, self.max_cards = poll_interval, max_cards
        self.access = Access()
        self.stopped = threading.Event()
        #: Requests are answered by threads, and the client isn't made for several at once.
        self.lock = threading.RLock()
        self._runs: dict[tuple[str, str], RunCards] = {}
        try:
            self._server = _Server(("127.0.0.1", port), Handler)
        except OSError as error:
            raise CardsError(
                f"port {port} can't be taken: {error.strerror}; choose another with --port, or 0"
            ) from None
        self._server.app = self

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return f"http://127.0.0.1:{self.port}/?token={self.access.token}"

    def run(self, flow: str, run_id: str) -> RunCards:
        """The cards of a run. Raises NotFound."""
        with self.lock:
            key = (flow, run_id)
            if key not in self._runs:
                self._runs[key] = RunCards(flow, run_id, self.max_cards)
            return self._runs[key]

    def card_link(self, flow: str, run_id: str, place: str) -> str:
        """The address of a card's page."""
        card = f"{flow}/{run_id}/{place}"
        return f"/card/{quote(card)}?ticket={self.access.ticket(card)}"

    def serve(self) -> None:
        """Answer requests until :meth:`close` is called from another thread, or an interrupt."""
        self._server.serve_forever(poll_interval=0.2)

    def close(self) -> None:
        """Stop, and give back the port."""
        self.stopped.set()
        self._server.server_close()

    def shutdown(self) -> None:
        """End :meth:`serve`, from another thread."""
        self.stopped.set()
        self._server.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    app: CardServer
