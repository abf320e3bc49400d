"""The three services that datastores are measured on, and what each can do at best."""

from __future__ import annotations

import base64
import http.client
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import attrs
from environments import HERE, Tool

sys.path.append(str(HERE.parent / "tests"))

__all__ = ["PARTS", "S3", "AzureBlob", "GoogleStorage", "Service", "serving"]

BUCKET = "bench"
#: How FlowKit moves large objects: bytes of a part, and parts at once.
PART, PARTS = 16 * 1024 * 1024, 4
_PIECE = 1 << 20

Request = tuple[str, str, memoryview | None, dict[str, str]]


@attrs.define
class Service(ABC):
    """A server on this machine with an empty bucket."""

    address: str
    log: Path

    def count(self) -> int:
        """Requests since it began, by its own log."""
        return self.log.read_text(errors="replace").count(" HTTP/1.")

    @abstractmethod
    def prepare(self) -> None:
        """Make the bucket."""

    @abstractmethod
    def variables(self, tool: Tool) -> dict[str, str]:
        """What leads the tool to it."""

    @abstractmethod
    def limits(self, content: memoryview) -> tuple[float, float]:
        """Seconds to put and to get the content, in parts, by plain HTTP."""


class S3(Service):
    """moto's server."""

    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")

    def prepare(self) -> None:
        """Make the bucket."""
        at_once([("PUT", f"{self.address}/{BUCKET}", None, {})])

    def variables(self, tool: Tool) -> dict[str, str]:
        """What leads the tool to it."""
        return {
            **dict.fromkeys(self.keys, "bench"),
            "AWS_DEFAULT_REGION": "us-east-1",
            f"{tool.prefix}_S3_ENDPOINT_URL": self.address,
            f"{tool.prefix}_DEFAULT_DATASTORE": "s3",
            f"{tool.prefix}_DATASTORE_SYSROOT_S3": f"s3://{BUCKET}/{tool.name}",
        }

    def limits(self, content: memoryview) -> tuple[float, float]:
        """Seconds to put and to get the content."""
        import boto3

        keys = {"aws_access_key_id": "bench", "aws_secret_access_key": "bench", "region_name": "us-east-1"}
        client = boto3.client("s3", endpoint_url=self.address, **keys)
        named = {"Bucket": BUCKET, "Key": "limit"}
        upload = {**named, "UploadId": client.create_multipart_upload(**named)["UploadId"]}

        def signed(operation: str, arguments: dict[str, Any]) -> str:
            return str(client.generate_presigned_url(operation, arguments))

        numbered = list(enumerate(parts_of(content), 1))
        puts: list[Request] = [
            ("PUT", signed("upload_part", {**upload, "PartNumber": at}), part, {}) for at, part in numbered
        ]
        saving, etags = at_once(puts)
        began = time.perf_counter()
        parts = [{"PartNumber": at, "ETag": etag} for (at, _), etag in zip(numbered, etags, strict=True)]
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        saving += time.perf_counter() - began
        loading = at_once(ranges("GET", signed("get_object", named), content.nbytes))[0]
        client.delete_object(**named)
        return saving, loading


class AzureBlob(Service):
    """Azurite."""

    def _client(self) -> Any:
        from azure.storage.blob import BlobServiceClient

        from support.servers.azurite import AZURITE_ACCOUNT, AZURITE_KEY

        return BlobServiceClient(self.address, credential={"account_name": AZURITE_ACCOUNT, "account_key": AZURITE_KEY})

    def prepare(self) -> None:
        """Make the container."""
        with self._client() as client:
            client.create_container(BUCKET)

    def variables(self, tool: Tool) -> dict[str, str]:
        """What leads FlowKit to it."""
        from support.servers.azurite import AZURITE_ACCOUNT, AZURITE_KEY

        del tool
        return {
            "FLOWKIT_AZURE_ENDPOINT_URL": self.address,
            "FLOWKIT_AZURE_ACCOUNT": AZURITE_ACCOUNT,
            "FLOWKIT_AZURE_ACCOUNT_KEY": AZURITE_KEY,
            "FLOWKIT_DEFAULT_DATASTORE": "azure",
            "FLOWKIT_DATASTORE_SYSROOT_AZURE": f"azure://{BUCKET}/flowkit",
        }

    def limits(self, content: memoryview) -> tuple[float, float]:
        """Seconds to put and to get the content."""
        from datetime import UTC, datetime, timedelta

        from azure.storage.blob import BlobBlock, generate_blob_sas

        from support.servers.azurite import AZURITE_ACCOUNT, AZURITE_KEY

        until = datetime.now(UTC) + timedelta(hours=1)
        signature = generate_blob_sas(
            AZURITE_ACCOUNT, BUCKET, "limit", account_key=AZURITE_KEY, permission="rwc", expiry=until
        )
        url = f"{self.address}/{BUCKET}/limit?{signature}"
        names = [f"{at:06}" for at in range(-(-content.nbytes // PART))]
        puts: list[Request] = [
            ("PUT", f"{url}&comp=block&blockid={quote(base64.b64encode(name.encode()), safe='')}", part, {})
            for name, part in zip(names, parts_of(content), strict=True)
        ]
        with self._client().get_blob_client(BUCKET, "limit") as blob:
            saving, _ = at_once(puts)
            began = time.perf_counter()
            blob.commit_block_list([BlobBlock(name) for name in names])
            saving += time.perf_counter() - began
            loading = at_once(ranges("GET", url, content.nbytes))[0]
            blob.delete_blob()
        return saving, loading


class GoogleStorage(Service):
    """fake-gcs-server."""

    def prepare(self) -> None:
        """Make the bucket."""
        body = memoryview(b'{"name": "%s"}' % BUCKET.encode())
        at_once([("POST", f"{self.address}/storage/v1/b?project=p", body, {"Content-Type": "application/json"})])

    def variables(self, tool: Tool) -> dict[str, str]:
        """What leads FlowKit to it."""
        del tool
        return {
            "FLOWKIT_GCP_ENDPOINT_URL": self.address,
            "FLOWKIT_GCP_CREDENTIAL": "anonymous",
            "FLOWKIT_DEFAULT_DATASTORE": "gs",
            "FLOWKIT_DATASTORE_SYSROOT_GS": f"gs://{BUCKET}/flowkit",
        }

    def limits(self, content: memoryview) -> tuple[float, float]:
        """Seconds to put and to get the content: the parts are objects of their own."""
        upload = f"{self.address}/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name=limit"
        parts = list(parts_of(content))
        saving, _ = at_once([("POST", f"{upload}{at}", part, {}) for at, part in enumerate(parts)])
        objects = f"{self.address}/storage/v1/b/{BUCKET}/o/limit"
        loading, _ = at_once([("GET", f"{objects}{at}?alt=media", None, {}) for at in range(len(parts))])
        at_once([("DELETE", f"{objects}{at}", None, {}) for at in range(len(parts))])
        return saving, loading


def parts_of(content: memoryview) -> Iterator[memoryview]:
    """The parts that FlowKit would make."""
    for start in range(0, content.nbytes, PART):
        yield content[start : start + PART]


def ranges(method: str, url: str, size: int) -> list[Request]:
    """A request for each part."""
    return [
        (method, url, None, {"Range": f"bytes={start}-{min(start + PART, size) - 1}"}) for start in range(0, size, PART)
    ]


def at_once(requests: list[Request]) -> tuple[float, list[str]]:
    """Send requests from a few threads, each over one connection; seconds in all, and the etags of the answers."""
    netloc = urlsplit(requests[0][1]).netloc

    def work(first: int) -> list[str]:
        connection = http.client.HTTPConnection(netloc, blocksize=_PIECE)
        etags = []
        for method, url, body, headers in requests[first::PARTS]:
            address = urlsplit(url)
            connection.request(method, f"{address.path}?{address.query}", body, headers)
            answer = connection.getresponse()
            while answer.read(_PIECE):
                continue
            if answer.status >= 400:
                raise SystemExit(f"{method} {url}: {answer.status}")
            etags.append(answer.headers.get("ETag", ""))
        connection.close()
        return etags

    began = time.perf_counter()
    with ThreadPoolExecutor(PARTS) as pool:
        found = list(pool.map(work, range(PARTS)))
    seconds = time.perf_counter() - began
    return seconds, [found[at % PARTS][at // PARTS] for at in range(len(requests))]


@contextmanager
def serving(kind: type[Service], folder: Path) -> Iterator[Service]:
    """A new server while the context lasts."""
    from support.servers.azurite import serve_azurite
    from support.servers.gcs import serve_gcs
    from support.servers.moto import serve_moto

    folder.mkdir()
    serve = {S3: serve_moto, AzureBlob: serve_azurite, GoogleStorage: serve_gcs}[kind]
    with serve(folder) as address:
        service = kind(address, folder / "moto.log")
        service.prepare()
        yield service
