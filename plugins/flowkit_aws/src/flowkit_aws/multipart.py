"""Objects of S3 that one request can't or shouldn't carry."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import attrs

from flowkit.plugin import DatastoreError, ObjectContent, RemoteObject, map_in_order
from flowkit_aws.failures import is_unsupported

__all__ = ["copy_object", "upload_parts"]

#: How many parts an object can have.
_MOST_PARTS = 10_000
#: Bytes that one copy request takes.
_LARGEST_COPY = 5 * 1024**3
_COPY_PART = 1024**3
#: How often an upload is begun.
_TRIES = 3
#: Bytes read at once for a check sum.
_PIECE = 1024 * 1024

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
    """Upload in parts, several at once; the object appears when all are there, or not at all.

    Each part goes with its CRC-32, by which the service refuses one that was damaged on its way; to a service that
    knows no check sums, without.
    """
    upload = _Upload(call, create_object, name, content, sizes, create=create, arguments=arguments)
    try:
        return upload.send(checked=True)
    except Exception as error:
        if not isinstance(error.__cause__, Exception) or not is_unsupported(error.__cause__):
            raise
    return upload.send(checked=False)


@attrs.frozen
class _Upload:
    call: Request
    create_object: Callable[..., bool]
    name: str
    content: ObjectContent
    sizes: _Sizes
    create: bool
    arguments: Mapping[str, Any]

    def send(self, *, checked: bool) -> bool:
        part_size = max(self.sizes.part_size, -(-self.content.size // _MOST_PARTS))
        told = {**self.arguments, "ChecksumAlgorithm": "CRC32"} if checked else self.arguments
        upload_id = _begin(lambda: self.call("create_multipart_upload", self.name, **told), self.name)
        upload = {"UploadId": upload_id}

        def send_part(numbered: tuple[int, ObjectContent]) -> dict[str, Any]:
            number, part = numbered
            check = {"ChecksumCRC32": _crc32(part)} if checked else {}
            answer = self.call("upload_part", self.name, PartNumber=number, Body=part, **upload, **check)
            return {"PartNumber": number, "ETag": answer["ETag"], **check}

        is_created = False
        try:
            numbered = enumerate(self.content.split(part_size), 1)
            parts = list(map_in_order(send_part, numbered, self.sizes.part_workers))
            is_created = self.create_object(
                "complete_multipart_upload", self.name, create=self.create, MultipartUpload={"Parts": parts}, **upload
            )
        finally:
            if not is_created:
                # What stays, remove_leftovers or a rule of the bucket's takes away.
                with suppress(Exception):
                    self.call("abort_multipart_upload", self.name, **upload)
        return is_created


def _crc32(part: ObjectContent) -> str:
    """As S3 wants it: base64 of the four bytes, the highest first."""
    found = 0
    while piece := part.read(_PIECE):
        found = zlib.crc32(piece, found)
    part.seek(0)
    return base64.b64encode(found.to_bytes(4, "big")).decode()


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
