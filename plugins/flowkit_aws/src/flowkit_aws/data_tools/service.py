"""Requests to S3 for data tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import attrs
from botocore.exceptions import BotoCoreError, ClientError

from flowkit.plugin import (
    Address,
    ConnectionDropped,
    DataToolsError,
    Download,
    ErrorFamily,
    ObjectChanged,
    ObjectContent,
    ObjectFacts,
    ObjectService,
    PutOptions,
    ServiceBusy,
    SharedClient,
    patiently,
)
from flowkit_aws.data_tools.errors import ERRORS
from flowkit_aws.failures import code_of, failure, is_absent, is_unsupported
from flowkit_aws.multipart import upload_parts

__all__ = ["S3Service"]

_THERE_ALREADY = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
_OUT_OF_RANGE = frozenset({"InvalidRange", "416"})
_DENIED = frozenset({"AccessDenied", "403", "AllAccessDisabled", "Forbidden"})
_BUSY = frozenset({"SlowDown", "503", "ServiceUnavailable", "InternalError", "500", "RequestTimeout", "Throttling"})
_ERRORS = (ClientError, BotoCoreError)
_PIECE = 512 * 1024
#: Bytes of a part of a large object. A part isn't held in memory, but sent again whole if its connection is cut.
_LARGEST_PART = 16 * 1024 * 1024


class S3Service(ObjectService):
    """Objects of S3, or of a service with its interface.

    Parameters
    ----------
    encryption
        As what is written is encrypted where the caller doesn't say.
    """

    scheme: ClassVar[str] = "s3"
    errors: ClassVar[ErrorFamily] = ERRORS
    part_size: ClassVar[int] = 8 * 1024 * 1024

    def __init__(self, client: SharedClient[Any], encryption: str | None = None) -> None:
        self._shared = client
        self._encryption = encryption
        self._has_conditions = True

    def head(self, address: Address) -> ObjectFacts:
        """Facts of an object. Raises S3NotFound."""
        try:
            answer = self._request("head_object", address)
        except _ERRORS as error:
            raise self._failure(error, "HEAD", address) from error
        return _facts(answer, answer["ContentLength"])

    def download(
        self, address: Address, start: int, length: int | None, version: str | None
    ) -> tuple[Download, ObjectFacts] | None:
        """Ask for an object, or a range of it; see the base class."""
        arguments = {"IfMatch": version} if version else {}
        if start or length is not None:
            arguments["Range"] = f"bytes={start}-{'' if length is None else start + length - 1}"
        try:
            answer = self._request("get_object", address, **arguments)
        except _ERRORS as error:
            code = code_of(error)
            if code in _OUT_OF_RANGE:
                return None
            if version and code in _THERE_ALREADY:
                raise ObjectChanged from error
            raise self._failure(error, "GET", address) from error
        covered = answer.get("ContentRange", "")
        total = int(covered.rpartition("/")[2]) if covered else answer["ContentLength"]
        body = answer["Body"]
        return Download(total, answer.get("ETag", ""), _pieces(body), body.close), _facts(answer, total)

    def upload(self, address: Address, content: ObjectContent, options: PutOptions, *, create: bool) -> bool:
        """Write an object in one request."""
        return self._create("put_object", address, create=create, Body=content, **self._arguments(options))

    def upload_parts(
        self, address: Address, content: ObjectContent, options: PutOptions, *, create: bool, workers: int
    ) -> bool:
        """Write an object in parts; what was sent is given up if one fails."""

        def call(operation: str, name: str, **arguments: Any) -> Any:
            return patiently(lambda: attempt(operation, address.within(name), **arguments))

        def attempt(operation: str, address: Address, **arguments: Any) -> Any:
            if "Body" in arguments:
                arguments["Body"].seek(0)
            try:
                return self._request(operation, address, **arguments)
            except _ERRORS as error:
                raise self._failure(error, "PUT", address) from error

        def finish(operation: str, name: str, *, create: bool, **arguments: Any) -> bool:
            return self._create(operation, address.within(name), create=create, **arguments)

        size = max(self.part_size, min(_LARGEST_PART, content.size // (4 * workers)))
        sizes = _Sizes(size, workers)
        return upload_parts(call, finish, address.name, content, sizes, create=create, **self._arguments(options))

    def scan(self, address: Address, *, recursive: bool) -> Iterator[tuple[str, int | None]]:
        """Names that begin with the address's, and sizes."""
        delimiter = {} if recursive else {"Delimiter": "/"}
        try:
            paginator = self._shared.get().get_paginator("list_objects_v2")
            for page in paginator.paginate(Bucket=address.bucket, Prefix=address.name, **delimiter):
                for found in page.get("Contents", ()):
                    yield found["Key"], found["Size"]
                for found in page.get("CommonPrefixes", ()):
                    yield found["Prefix"], None
        except _ERRORS as error:
            raise self._failure(error, "LIST", address) from error

    def close(self) -> None:
        """Nothing: the client is the process's, for all tools that are configured alike."""

    # --- how -------------------------------------------------------------------------------------------------------

    def _request(self, operation: str, address: Address, **arguments: Any) -> Any:
        return getattr(self._shared.get(), operation)(Bucket=address.bucket, Key=address.name, **arguments)

    def _create(self, operation: str, address: Address, *, create: bool, **arguments: Any) -> bool:
        """A request that makes an object; with ``create``, False if there is one."""
        condition = {"IfNoneMatch": "*"} if create and self._has_conditions else {}
        try:
            self._request(operation, address, **condition, **arguments)
        except _ERRORS as error:
            code = code_of(error)
            if condition and code in _THERE_ALREADY:
                return False
            if condition and is_unsupported(error):
                self._has_conditions = False
                if "Body" in arguments:
                    arguments["Body"].seek(0)
                return not self._is_there(address) and self._create(operation, address, create=False, **arguments)
            raise self._failure(error, "PUT", address) from error
        return True

    def _is_there(self, address: Address) -> bool:
        try:
            self.head(address)
        except ERRORS.not_found:
            return False
        return True

    def _arguments(self, options: PutOptions) -> dict[str, Any]:
        encryption = options.encryption or self._encryption
        found = {
            "ContentType": options.content_type,
            "Metadata": options.headers() or None,
            "ServerSideEncryption": encryption,
        }
        return {name: value for name, value in found.items() if value}

    def _failure(self, error: Exception, verb: str, address: Address) -> DataToolsError | ServiceBusy:
        code = code_of(error)
        kind: type[DataToolsError] = ERRORS.failed
        if is_absent(error):
            return ERRORS.not_found(f"there is no {address}")
        if code in _DENIED:
            kind = ERRORS.denied
        elif code == "NoSuchBucket":
            kind = ERRORS.url
        endpoint = self._shared.get().meta.endpoint_url
        made = failure(error, f"{verb} {address}", endpoint, kind, _mends(verb, address))
        return ServiceBusy(made) if code in _BUSY else made


@attrs.frozen
class _Sizes:
    part_size: int
    part_workers: int


def _mends(verb: str, address: Address) -> dict[str, str]:
    """What to do about refusals, in terms of this request."""
    action = {"PUT": "s3:PutObject", "LIST": "s3:ListBucket"}.get(verb, "s3:GetObject")
    what = f"arn:aws:s3:::{address.bucket}" + ("" if verb == "LIST" else f"/{address.name}")
    allow = f"allow {action} on {what} to these credentials (docs/how-to/files-in-s3.md)"
    if verb in ("GET", "HEAD"):
        allow += "; without s3:ListBucket, S3 says so of a missing object, too"
    return {"AccessDenied": allow, "403": allow, "NoSuchBucket": "create the bucket, or correct the URL"}


def _facts(answer: Any, size: int) -> ObjectFacts:
    modified = answer.get("LastModified")
    return ObjectFacts(
        size,
        answer.get("ETag", ""),
        answer.get("ContentType"),
        answer.get("Metadata", {}),
        answer.get("ServerSideEncryption"),
        None if modified is None else modified.timestamp(),
    )


def _pieces(body: Any) -> Iterator[bytes]:
    try:
        while piece := body.read(_PIECE):
            yield piece
    except (BotoCoreError, OSError) as error:
        raise ConnectionDropped(str(error)) from error
