"""Downloads from Google Cloud Storage, piece by piece.

The SDK's own give no size of the whole object with a range, and read 8 KB at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from google.api_core.exceptions import from_http_response
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from flowkit.plugin import ConnectionDropped, Download, ObjectChanged

__all__ = ["download", "open_object"]

_PIECE = 1024 * 1024
_PRECONDITION_FAILED = 412
_OUT_OF_RANGE = 416


def download(
    client: Any, bucket: str, name: str, start: int, length: int | None, version: str | None
) -> Download | None:
    """Ask for an object or a range of it; None if that begins behind its end.

    Raises
    ------
    GoogleAPICallError, RequestException, GoogleAuthError
        As the SDK's calls do.
    ObjectChanged
        If the object's generation isn't ``version``.
    """
    answer = open_object(client, bucket, name, start, length, version)
    return None if answer is None else answer[0]


def open_object(
    client: Any,
    bucket: str,
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
        Give what a compressed object was made of, if its Content-Encoding says so, rather than what is stored.
    """
    url = f"{client.api_endpoint.rstrip('/')}/download/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}"
    headers = {"Accept-Encoding": "identity" if decompress else "gzip"}
    if start or length is not None:
        headers["Range"] = f"bytes={start}-{'' if length is None else start + length - 1}"
    parameters = {"alt": "media", **({"ifGenerationMatch": version} if version else {})}
    answer = client._http.get(url, params=parameters, headers=headers, stream=True, timeout=(10, 60))
    if not answer.ok:
        with answer:
            if answer.status_code == _OUT_OF_RANGE:
                return None
            if version and answer.status_code == _PRECONDITION_FAILED:
                raise ObjectChanged
            raise from_http_response(answer)
    covered = answer.headers.get("Content-Range", "")
    total = covered.rpartition("/")[2] or answer.headers.get("X-Goog-Stored-Content-Length")
    generation = answer.headers.get("X-Goog-Generation", "")
    size = int(total or answer.headers["Content-Length"])
    return Download(size, generation, _pieces(answer.raw), answer.close), answer.headers


def _pieces(raw: Any) -> Iterator[bytes]:
    try:
        while piece := raw.read(_PIECE):
            yield piece
    except (HTTPError, RequestException, OSError) as error:
        raise ConnectionDropped(str(error)) from error
