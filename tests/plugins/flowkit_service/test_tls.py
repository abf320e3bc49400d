"""A service behind TLS."""

from __future__ import annotations

import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flowkit.errors import MetadataError
from flowkit_service.client.provider import ServiceMetadata
from flowkit_service.protocol import EXTENSION_HEADER
from support.need import need_module

need_module("cryptography")


class Handler(BaseHTTPRequestHandler):
    """Answers as a service without flows does."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name for it)
        """Nothing."""

    def do_GET(self) -> None:
        self._answer("pong")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(json.dumps({"result": ["AFlow"]}))

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header(EXTENSION_HEADER, "1")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1, signed by itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return write_certificate(tmp_path)


@pytest.fixture
def address(certificate: tuple[Path, Path]) -> Iterator[str]:
    class Quiet(HTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that don't trust it hang up."""

    server = Quiet(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_is_not_trusted(address: str) -> None:
    """Isn't tried again and again."""
    provider = ServiceMetadata.open(address)
    with pytest.raises(MetadataError, match=f"no safe connection to the metadata service at {address}: .*certificate"):
        provider.flows()
    provider.close()


def test_a_certificate_that_is_trusted(
    address: str, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    provider = ServiceMetadata.open(address)
    assert list(provider.flows()) == ["AFlow"]
    provider.close()


def test_plain_http_where_tls_is_spoken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_SERVICE_PATIENCE", "0.2")
    provider = ServiceMetadata.open(address.replace("https", "http"))
    with pytest.raises(MetadataError, match="FLOWKIT_SERVICE_URL"):
        provider.flows()
    provider.close()
