"""Large objects of Google Cloud Storage: uploaded in parts, several at once, and put together there."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import quote

from google.api_core.exceptions import from_http_response

from flowkit.plugin import ObjectContent, map_in_order
from flowkit_gcp.failures import ERRORS

__all__ = ["compose_object", "parts_folder"]

#: How many objects one request puts together.
_MOST_SOURCES = 32
#: Bytes of a part, which is sent in one request, from where it lies.
_SMALLEST, _LARGEST = 16 * 1024 * 1024, 256 * 1024 * 1024
_TYPE = "application/octet-stream"


class _Sizes(Protocol):
    @property
    def part_workers(self) -> int:
        """Parts at once."""


def parts_folder(prefix: str) -> str:
    """Where parts are until they are put together. No key has a name with a dot before a slash, so none is listed."""
    return f"{prefix}parts./"


def compose_object(
    bucket: Any,
    name: str,
    content: ObjectContent,
    folder: str,
    sizes: _Sizes,
    *,
    retry: Callable[[Callable[[], Any]], Callable[[], Any]],
    timed: Mapping[str, Any],
    **condition: int,
) -> None:
    """Upload the parts, have the service put them together under ``name``, and remove them.

    Parameters
    ----------
    folder
        Names of parts begin so.
    retry
        Makes a function that tries again.
    timed
        Arguments of each of the SDK's calls.
    condition
        That the object must meet.

    Raises
    ------
    GoogleAPICallError, RequestException, GoogleAuthError
        As the SDK's calls do.
    """
    if content.size <= _SMALLEST:
        retry(lambda: _send(bucket, name, content, condition.get("if_generation_match")))()
        return
    upload = f"{folder}{uuid.uuid4().hex}/"
    made: list[str] = []

    def send(numbered: tuple[int, ObjectContent]) -> Any:
        number, part = numbered
        made.append(f"{upload}{number}")
        retry(lambda: _send(bucket, f"{upload}{number}", part))()
        return bucket.blob(f"{upload}{number}")

    try:
        parts = list(map_in_order(send, enumerate(content.split(_part_size(content.size))), sizes.part_workers))
        while len(parts) > _MOST_SOURCES:
            parts = list(_combined(bucket, parts, f"{upload}{len(parts)}-", made, timed))
        bucket.blob(name).compose(parts, **condition, **timed)
    finally:

        def remove(part: str) -> None:
            # What stays, remove_leftovers or a rule of the bucket's takes away.
            with suppress(*ERRORS):
                bucket.blob(part).delete(**timed)

        for _ in map_in_order(remove, made, sizes.part_workers):
            continue


def _part_size(size: int) -> int:
    """So that one request puts the parts together, unless they would be too large to be sent again."""
    even = -(-size // _MOST_SOURCES)
    return max(_SMALLEST, min(even, _LARGEST), -(-size // _MOST_SOURCES**2))


def _send(bucket: Any, name: str, part: ObjectContent, generation: int | None = None) -> None:
    client = bucket.client
    part.seek(0)
    url = f"{client.api_endpoint.rstrip('/')}/upload/storage/v1/b/{quote(bucket.name, safe='')}/o"
    parameters: dict[str, Any] = {"uploadType": "media", "name": name}
    if generation is not None:
        parameters["ifGenerationMatch"] = generation
    answer = client._http.post(url, params=parameters, data=part, headers={"Content-Type": _TYPE}, timeout=(10, 60))
    with answer:
        if not answer.ok:
            raise from_http_response(answer)


def _combined(bucket: Any, parts: list[Any], name: str, made: list[str], timed: Mapping[str, Any]) -> Iterator[Any]:
    for start in range(0, len(parts), _MOST_SOURCES):
        made.append(f"{name}{start}")
        whole = bucket.blob(f"{name}{start}")
        whole.compose(parts[start : start + _MOST_SOURCES], **timed)
        yield whole
