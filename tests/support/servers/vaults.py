"""Servers that speak the documented REST interfaces of GCP Secret Manager and Azure Key Vault; nothing real is at hand.

Both keep their secrets in a dict that tests fill, so that they are stored without a client.
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs

__all__ = ["KeyVault", "SecretManager", "serve_key_vault", "serve_secret_manager"]


@attrs.define
class SecretManager:
    """A running server of GCP Secret Manager."""

    address: str = ""
    #: By ``projects/P/secrets/S``: the versions, the first one 1; None for one that is disabled.
    secrets: dict[str, list[bytes | None]] = attrs.field(factory=dict)
    #: Answers to the next requests, in place of the right ones: status and body.
    answers: list[tuple[int, bytes]] = attrs.field(factory=list)
    requests: list[str] = attrs.field(factory=list)

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body, as the service's reference documents them."""
        self.requests.append(path)
        if self.answers:
            return self.answers.pop(0)
        match = re.fullmatch(r"/v1/(projects/[^/]+(?:/locations/[^/]+)?/secrets/[^/]+)/versions/([^/:]+):access", path)
        versions = self.secrets.get(match[1], []) if match else []
        number = len(versions) if match and match[2] == "latest" else int(match[2]) if match else 0
        if not match or not 0 < number <= len(versions):
            return _google_error(404, "NOT_FOUND", f"Secret [{path}] not found or has no versions.")
        payload = versions[number - 1]
        if payload is None:
            return _google_error(400, "FAILED_PRECONDITION", f"Secret Version [{number}] is in DISABLED state.")
        import google_crc32c

        data = {"data": base64.b64encode(payload).decode(), "dataCrc32c": str(google_crc32c.value(payload))}
        return 200, json.dumps({"name": f"{match[1]}/versions/{number}", "payload": data}).encode()


@attrs.define
class KeyVault:
    """A running server of one vault, with TLS, and beside it one that gives out a managed identity's tokens."""

    address: str = ""
    #: File of the certificate to trust.
    certificate: str = ""
    #: By name: the versions by their ids, the last one the latest.
    secrets: dict[str, dict[str, str]] = attrs.field(factory=dict)
    #: Status to answer with, once a caller has shown a token.
    refuse: int | None = None
    token_address: str = ""
    token: str = "token-of-tests"

    def answer(self, path: str, authorization: str | None) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers, as the service's reference documents them."""
        if authorization != f"Bearer {self.token}":
            challenge = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"'
            return 401, _azure_error("Unauthorized", "AKV10000: no token"), {"WWW-Authenticate": challenge}
        if self.refuse is not None:
            return self.refuse, _azure_error("Forbidden", "Caller is not authorized\nto perform it"), {}
        match = re.fullmatch(r"/secrets/([^/?]+)/([^/?]*)\?api-version=[\d.a-z-]+", path)
        versions = self.secrets.get(match[1], {}) if match else {}
        version = (match[2] or next(reversed(versions), "")) if match else ""
        if not match or version not in versions:
            return 404, _azure_error("SecretNotFound", "A secret with (name/id) was not found in this key vault."), {}
        found = {
            "value": versions[version],
            "id": f"{self.address}/secrets/{match[1]}/{version}",
            "attributes": {"enabled": True, "created": 1, "updated": 1},
        }
        return 200, json.dumps(found).encode(), {}


@contextmanager
def serve_secret_manager() -> Iterator[SecretManager]:
    """A server of GCP Secret Manager while the context lasts."""
    manager = SecretManager()

    class Handler(_Handler):
        def do_GET(self) -> None:
            self.send(*manager.answer(self.path))

    with _serving(Handler) as server:
        manager.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield manager


@contextmanager
def serve_key_vault(folder: Path) -> Iterator[KeyVault]:
    """A vault while the context lasts."""
    vault = KeyVault(certificate=str(folder / "vault.pem"))
    key = _make_certificate(folder / "vault.pem", folder / "vault.key")

    class Handler(_Handler):
        def do_GET(self) -> None:
            self.send(*vault.answer(self.path, self.headers.get("Authorization")))

    class Tokens(_Handler):
        def do_GET(self) -> None:
            until = str(int(time.time()) + 3600)
            given = {"access_token": vault.token, "expires_on": until, "resource": "x", "token_type": "Bearer"}
            self.send(200, json.dumps(given).encode())

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "vault.pem", key)
    with _serving(Handler, context) as server, _serving(Tokens) as tokens:
        vault.address = f"https://127.0.0.1:{server.server_address[1]}"
        vault.token_address = f"http://127.0.0.1:{tokens.server_address[1]}/msi/token"
        yield vault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name for it
        """Say nothing."""


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _google_error(status: int, kind: str, message: str) -> tuple[int, bytes]:
    return status, json.dumps({"error": {"code": status, "message": message, "status": kind}}).encode()


def _azure_error(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def _make_certificate(certificate: Path, key_file: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=12))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return key_file
