"""Answers to single requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from flowkit.plugin import FlowkitError, NotFound
from flowkit_cards.server.catalog import list_runs
from flowkit_cards.server.follow import follow
from flowkit_cards.server.viewer import BRIDGE, viewer_page

if TYPE_CHECKING:
    from flowkit_cards.server.app import CardServer

__all__ = ["Handler"]

#: What a card may do in its frame, whatever its page says: run its own scripts, and reach nothing.
_CARD_POLICY = (
    "sandbox allow-scripts allow-popups allow-downloads; default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval' blob: data:; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; media-src data: blob:; form-action 'none'; frame-src data: blob:; base-uri 'none'"
)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server_version = "flowkit-cards"
    sys_version = ""
    protocol_version = "HTTP/1.1"

    @property
    def app(self) -> CardServer:
        """The server that it came to."""
        return cast("CardServer", self.server.app)  # type: ignore[attr-defined] # of the server that makes handlers

    def do_GET(self) -> None:
        """Answer it."""
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        try:
            if not self.app.access.is_own_host(self.headers.get("Host", ""), self.app.port):
                self._say(HTTPStatus.FORBIDDEN, "This server answers to 127.0.0.1 only.")
            elif url.path.startswith("/card/"):
                self._card(unquote(url.path.removeprefix("/card/")), query)
            elif not self.app.access.allows(query.get("token", "")):
                self._say(HTTPStatus.FORBIDDEN, "Open the address that the command has printed, with its token.")
            else:
                self._page(url.path, query)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except NotFound as error:
            self._say(HTTPStatus.NOT_FOUND, error.message)
        except FlowkitError as error:
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error.headline}: {error.message}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (http.server's name)
        """Say nothing: the addresses hold the token."""

    # --- what can be asked for -------------------------------------------------------------------------------------

    def _page(self, path: str, query: Mapping[str, str]) -> None:
        app = self.app
        if path == "/":
            html, policy = viewer_page(app.access.token, app.flow, app.run_id)
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", html, {"Content-Security-Policy": policy})
        elif path == "/runs":
            with app.lock:
                runs = list_runs(app.flow)
            self._send(HTTPStatus.OK, "application/json", json.dumps(runs))
        elif path == "/events":
            self._events(query.get("flow", ""), query.get("run", ""))
        else:
            self._say(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def _card(self, card: str, query: Mapping[str, str]) -> None:
        if not self.app.access.allows_card(query.get("ticket", ""), card):
            self._say(HTTPStatus.FORBIDDEN, "The ticket of this card is another.")
            return
        flow, run_id, place = card.split("/", 2)
        with self.app.lock:
            found = self.app.run(flow, run_id).card(place)
            if found is None:
                raise NotFound(f"{card} is not there any more")
            html = found.get()
        # Pages of other makers take updates from the viewer too; the built-in page listens by itself.
        html = html if 'content="flowkit-cards"' in html[:2000] else html + BRIDGE
        self._send(HTTPStatus.OK, "text/html; charset=utf-8", html, {"Content-Security-Policy": _CARD_POLICY})

    def _events(self, flow: str, run_id: str) -> None:
        cards = self.app.run(flow, run_id)
        self.send_response(HTTPStatus.OK)
        self._common_headers({"Content-Type": "text/event-stream", "Connection": "close"})
        self.end_headers()
        self.close_connection = True
        for name, data in follow(self.app, cards, flow, run_id):
            text = f"event: {name}\ndata: {json.dumps(data)}\n\n" if name else ": still here\n\n"
            self.wfile.write(text.encode())
            self.wfile.flush()

    # --- how -------------------------------------------------------------------------------------------------------

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._send(status, "text/plain; charset=utf-8", text, {})

    def _send(self, status: HTTPStatus, kind: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        content = text.encode("utf-8", "replace")
        self.send_response(status)
        self._common_headers({"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})})
        self.end_headers()
        self.wfile.write(content)

    def _common_headers(self, headers: Mapping[str, str]) -> None:
        fixed = {
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        for name, value in {**fixed, **headers}.items():
            self.send_header(name, value)
