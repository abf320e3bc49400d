"""A bucket that is in memory: requests go through the whole SDK, but for the connection."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import formatdate
from io import BytesIO
from typing import Any, Self

from botocore.awsrequest import AWSResponse
from urllib3 import HTTPResponse

from flowkit_aws.credentials import LazyCredentials

__all__ = ["MemoryBucket"]

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class MemoryBucket:
    """Answers all requests of a client while the context lasts, and signs them with keys that are nobody's.

    Parameters
    ----------
    client
        Of S3; no connection is made with it meanwhile, nor are its credentials looked for.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._objects: dict[str, bytes] = {}

    @staticmethod
    def can_answer(client: Any) -> bool:
        """Whether signing the client's requests can be kept from looking for credentials."""
        return isinstance(_credentials(client), LazyCredentials)

    def __enter__(self) -> Self:
        _credentials(self._client).stand_in("scratch", "scratch")
        self._client.meta.events.register("before-send.s3", self._answer)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.meta.events.unregister("before-send.s3", self._answer)
        _credentials(self._client).stand_in(None, None)

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        """The event's handler: what it returns, the SDK takes for the service's answer."""
        address = request.url.partition("?")[0]
        headers = {"Date": formatdate(usegmt=True), "Server": "scratch", "ETag": '"scratch"'}
        status, content = 200, b""
        if request.method == "PUT":
            body = request.body or b""
            self._objects[address] = bytes(body if isinstance(body, bytes | bytearray) else body.read())
        elif address not in self._objects:
            status = 404
            if request.method != "HEAD":
                content = b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"
        else:
            content = self._objects[address]
            headers["Last-Modified"] = formatdate(time.time(), usegmt=True)
            status, content = _cut(content, request.headers, headers)
        headers["Content-Length"] = str(len(content))
        raw = HTTPResponse(
            BytesIO(b"" if request.method == "HEAD" else content), headers, status, preload_content=False
        )
        return AWSResponse(request.url, status, headers, raw)


def _cut(content: bytes, asked: Mapping[str, Any], headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and content for a request that may ask for a range."""
    wanted = asked.get("Range", "")
    found = _RANGE.fullmatch(wanted if isinstance(wanted, str) else wanted.decode())
    if found is None:
        return 200, content
    start, end = int(found[1]), min(int(found[2] or len(content) - 1), len(content) - 1)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return 206, content[start : end + 1]


def _credentials(client: Any) -> Any:
    return getattr(getattr(client, "_request_signer", None), "_credentials", None)
