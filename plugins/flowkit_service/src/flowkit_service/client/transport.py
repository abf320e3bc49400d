"""Requests to a service over one connection of this process, repeated while the service is away.

A service that is restarted, or a network that comes back, costs a pause and no run. All requests may be repeated: what
they do, they do by ids. A copy may reach the service late, though, from a gateway that had given it up, and would undo
what was recorded since: requests that write are numbered, so that FlowKit's service can tell.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import attrs

from flowkit_service.client.endpoint import Endpoint
from flowkit_service.errors import ServiceError

__all__ = ["Answer", "Transport"]

#: Statuses of a service, or of a proxy before it, that isn't there now.
_AWAY = frozenset({429, 502, 503, 504})
#: Seconds that an answer may take.
_ANSWER_SECONDS = 60.0
#: Seconds between two tries, at most.
_LONGEST_PAUSE = 5.0
#: Seconds to try to reach a service that never answered this process.
FIRST_PATIENCE = 10.0

# Connections of a parent process: a forked child mustn't use them.
_inherited: list[http.client.HTTPConnection] = []


@attrs.frozen
class Answer:
    """What a service answered."""

    status: int
    headers: Mapping[str, str]
    #: From JSON; text where it isn't JSON.
    body: Any
    #: Whether the request was sent more than once.
    repeated: bool = False

    @property
    def is_good(self) -> bool:
        """Whether it did what was asked."""
        return self.status < 300

    @property
    def message(self) -> str:
        """What a service says of an error, as one line."""
        body = self.body
        if isinstance(body, str):
            with suppress(ValueError):
                body = json.loads(body)
        if isinstance(body, dict):
            body = body.get("message") or body.get("detail") or body.get("err_msg") or body or ""
        return " ".join(str(body).split())[:500]


class Transport:
    """Sends requests to one service. May be used by several threads, and after a fork.

    Parameters
    ----------
    patience
        Seconds to wait in all for a service that has answered this process before.
    first_patience
        And for one that hasn't; at most FIRST_PATIENCE if it isn't given.
    """

    def __init__(self, endpoint: Endpoint, patience: float, first_patience: float | None = None) -> None:
        self.endpoint = endpoint
        self._patience = patience
        self._first_patience = min(FIRST_PATIENCE, patience) if first_patience is None else first_patience
        self._parts = endpoint.parts
        self._has_answered = False
        self._locks: dict[int, threading.Lock] = {}
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._connection: http.client.HTTPConnection | None = None
        # Numbers grow in the order of sending: the lock is held from a number to its answer. A child has its own.
        self._writer = secrets.token_hex(16)
        self._number = 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # Each process has its own lock: one that was held when it was forked is never released in it.
        with self._locks.setdefault(os.getpid(), threading.Lock()):
            if self._pid != os.getpid():
                if self._connection is not None:
                    _inherited.append(self._connection)
                self._reset()
            yield

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        once: float | None = None,
        numbered: bool = False,
    ) -> Answer:
        """The answer to one request.

        Parameters
        ----------
        path
            After the service's address, encoded.
        body
            Sent as JSON; nothing is sent for None.
        once
            Send it once only, and wait for so many seconds.
        numbered
            Say in the body, an object, who sends it (``writer``) and which of its requests it is (``number``).

        Raises
        ------
        ServiceError
            If the service doesn't answer, or refuses this user.
        """
        with self._alone():
            if numbered:
                self._number += 1
                body = {**body, "writer": self._writer, "number": self._number}
            content = None if body is None else json.dumps(body, separators=(",", ":")).encode()
            answer = self._send_until_answered(method, path, content, once)
        if answer.status in (401, 403):
            mend = "" if "FLOWKIT_SERVICE_AUTH_KEY" in answer.message else "; set FLOWKIT_SERVICE_AUTH_KEY to its token"
            raise ServiceError(f"the metadata service at {self.endpoint.url} refuses this user: {answer.message}{mend}")
        return answer

    def close(self) -> None:
        """Give the connection back."""
        with self._alone():
            self._hang_up()

    # --- tries -----------------------------------------------------------------------------------------------------

    def _send_until_answered(self, method: str, path: str, content: bytes | None, once: float | None) -> Answer:
        began, pause, tries = time.monotonic(), 0.05, 0
        while True:
            was_open = self._connection is not None
            tries += 1
            try:
                answer = self._send(method, path, content, once or _ANSWER_SECONDS, repeated=tries > 1)
                if answer.status not in _AWAY:
                    self._has_answered = True
                    return answer
                reason: str = f"it answered {answer.status} ({answer.message})"
            except ssl.SSLError as error:
                self._hang_up()
                raise ServiceError(
                    f"no safe connection to the metadata service at {self.endpoint.url}: {error.reason or error}; "
                    "check that it is https there, and its certificate"
                ) from None
            except (OSError, http.client.HTTPException) as error:
                self._hang_up()
                reason = _reason(error)
                # A connection that was kept too long says nothing about the service: another one, at once.
                if was_open and tries == 1 and not isinstance(error, TimeoutError):
                    continue
            patience = self._patience if self._has_answered else self._first_patience
            if once is not None or time.monotonic() - began + pause > patience:
                raise self._away(reason, time.monotonic() - began)
            # Many clients of one service mustn't come back at the same moment.
            time.sleep(pause * (0.5 + random.random()))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _send(self, method: str, path: str, content: bytes | None, seconds: float, *, repeated: bool) -> Answer:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._connect(seconds)
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        headers = dict(self.endpoint.headers)
        if content is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, self._parts.path + path, content, headers)
        response = connection.getresponse()
        text = response.read()
        if response.will_close:
            self._hang_up()
        return Answer(response.status, dict(response.headers.items()), _read(text), repeated)

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=seconds, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=seconds)
        connection.connect()
        # Small requests must not wait for each other's acknowledgements.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _away(self, reason: str, seconds: float) -> ServiceError:
        return ServiceError(
            f"the metadata service at {self.endpoint.url} can't be reached: {reason}, for {seconds:.0f} s; check "
            "FLOWKIT_SERVICE_URL and that the service runs (flowkit service status)"
        )


def _read(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode("utf-8", "replace")


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return f"its name isn't known ({error.strerror})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
