"""Downloads from Azure Blob Storage, piece by piece.

The SDK's own hold a whole range in memory, more than once and until the next collection of cycles. This sends the same
request through the SDK's pipeline, which signs and repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.transport import HttpRequest

from flowkit.plugin import ConnectionDropped, Download, ObjectChanged

__all__ = ["download", "open_blob"]

_PRECONDITION_FAILED = 412
_OUT_OF_RANGE = 416
_ERRORS: dict[int, type[HttpResponseError]] = {401: ClientAuthenticationError, 404: ResourceNotFoundError}


def download(
    client: Any, container: str, name: str, start: int, length: int | None, version: str | None
) -> Download | None:
    """Ask for a blob or a range of it; None if that begins behind its end.

    Raises
    ------
    AzureError
        As the SDK's calls do.
    ObjectChanged
        If the blob's etag isn't ``version``.
    """
    answer = open_blob(client, container, name, start, length, version)
    return None if answer is None else answer[0]


def open_blob(
    client: Any,
    container: str,
    name: str,
    start: int,
    length: int | None,
    version: str | None,
    *,
    decompress: bool = True,
) -> tuple[Download, Mapping[str, str]] | None:
    """As :func:`download`, with the headers of the answer.

    Parameters
    ----------
    decompress
        Give what a compressed blob was made of, if its Content-Encoding says so, rather than what is stored.
    """
    headers = {"x-ms-version": client.api_version}
    if start or length is not None:
        headers["x-ms-range"] = f"bytes={start}-{'' if length is None else start + length - 1}"
    if version:
        headers["If-Match"] = version
    request = HttpRequest("GET", client.get_blob_client(container, name).url, headers=headers)
    answer = client._pipeline.run(request, stream=True).http_response
    if answer.status_code == _OUT_OF_RANGE:
        answer.internal_response.close()
        return None
    if version and answer.status_code == _PRECONDITION_FAILED:
        answer.internal_response.close()
        raise ObjectChanged
    if answer.status_code >= 400:
        raise _error(answer)
    covered = answer.headers.get("Content-Range", "")
    total = covered.rpartition("/")[2] or answer.headers["Content-Length"]
    pieces = _pieces(answer.stream_download(client._pipeline, decompress=decompress))
    return Download(int(total), answer.headers["ETag"], pieces, answer.internal_response.close), answer.headers


def _error(answer: Any) -> HttpResponseError:
    answer.body()
    error = _ERRORS.get(answer.status_code, HttpResponseError)(response=answer)
    error.error_code = answer.headers.get("x-ms-error-code")  # type: ignore[attr-defined]
    return error


def _pieces(stream: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from stream
    except (AzureError, OSError) as error:
        raise ConnectionDropped(str(error)) from error
