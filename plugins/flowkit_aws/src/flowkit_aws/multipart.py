"""Objects of S3 that one request can't or shouldn't carry."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from flowkit.plugin import DatastoreError, ObjectContent, RemoteObject, map_in_order

__all__ = ["copy_object", "upload_parts"]

#: How many parts an object can have.
_MOST_PARTS = 10_000
#: Bytes that one copy request takes.
_LARGEST_COPY = 5 * 1024**3
_COPY_PART = 1024**3
#: How often an upload is begun.
_TRIES = 3

Request = Callable[..., Any]


class _Sizes(Protocol):
    @property
    def part_size(self) -> int:
        """Bytes."""

    @property
    def part_workers(self) -> int:
        """Parts at once."""


def upload_parts(
    call: Request,
    create_object: Callable[..., bool],
    name: str,
    content: ObjectContent,
    sizes: _Sizes,
    *,
    create: bool,
    **arguments: Any,
) -> bool:
    """Upload in parts, several at once; the object appears when all are there, or not at all."""
    part_size = max(sizes.part_size, -(-content.size // _MOST_PARTS))
    upload_id = _begin(lambda: call("create_multipart_upload", name, **arguments), name)

    def send(numbered: tuple[int, ObjectContent]) -> dict[str, Any]:
        number, part = numbered
        answer = call("upload_part", name, UploadId=upload_id, PartNumber=number, Body=part)
        return {"PartNumber": number, "ETag": answer["ETag"]}

    is_created = False
    try:
        parts = list(map_in_order(send, enumerate(content.split(part_size), 1), sizes.part_workers))
        is_created = create_object(
            "complete_multipart_upload", name, create=create, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )
    finally:
        if not is_created:
            # What stays, remove_leftovers or a rule of the bucket's takes away.
            with suppress(Exception):
                call("abort_multipart_upload", name, UploadId=upload_id)
    return is_created


def _begin(ask: Callable[[], Any], name: str) -> str:
    """The id of a new upload. An answer without a length that was cut short passes for a whole one, without the id."""
    for _ in range(_TRIES):
        if upload_id := ask().get("UploadId"):
            return str(upload_id)
    raise DatastoreError(
        f"{name} can't be uploaded: the service began the upload and didn't say its id, {_TRIES} times; is there "
        "something between that cuts its answers short?"
    )


def copy_object(request: Request, bucket: str, found: RemoteObject, target: str, **arguments: Any) -> None:
    """Copy an object on the service's side; onto itself, to give it a new time."""
    source = {"Bucket": bucket, "Key": found.name}
    if found.size <= _LARGEST_COPY:
        request("copy_object", Key=target, CopySource=source, MetadataDirective="REPLACE", **arguments)
        return
    upload_id = _begin(lambda: request("create_multipart_upload", Key=target, **arguments), target)
    upload = {"Key": target, "UploadId": upload_id}
    try:
        parts = []
        for number, start in enumerate(range(0, found.size, _COPY_PART), 1):
            covered = f"bytes={start}-{min(start + _COPY_PART, found.size) - 1}"
            answer = request(
                "upload_part_copy", CopySource=source, CopySourceRange=covered, PartNumber=number, **upload
            )
            parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
        request("complete_multipart_upload", MultipartUpload={"Parts": parts}, **upload)
    except BaseException:
        request("abort_multipart_upload", **upload)
        raise
