"""Requests to Google Cloud Storage for data tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from google.api_core.exceptions import GoogleAPICallError, NotFound, PreconditionFailed, RetryError
from google.cloud.storage.exceptions import DataCorruption
from google.cloud.storage.retry import DEFAULT_RETRY

from flowkit.plugin import (
    Address,
    DataToolsError,
    Download,
    ErrorFamily,
    ObjectContent,
    ObjectFacts,
    ObjectService,
    PutOptions,
    ServiceBusy,
    SharedClient,
)
from flowkit_gcp.data_tools.errors import ERRORS
from flowkit_gcp.downloads import open_object
from flowkit_gcp.failures import ERRORS as SDK_ERRORS
from flowkit_gcp.failures import failure

__all__ = ["GSService"]

_RETRY = DEFAULT_RETRY.with_delay(initial=0.2, maximum=20.0, multiplier=2.0).with_timeout(60.0)
_TIMES = {"retry": _RETRY, "timeout": (10, 60)}
#: Bytes of one request of a resumable upload, which is held in memory; a multiple of 256 KiB.
_CHUNK = 8 * 1024 * 1024
_FIELDS = "items(name,size),prefixes,nextPageToken"
_BUSY = frozenset({429, 500, 502, 503, 504})


class GSService(ObjectService):
    """Objects of Cloud Storage."""

    scheme: ClassVar[str] = "gs"
    errors: ClassVar[ErrorFamily] = ERRORS
    #: What the SDK sends in one request, it holds in memory.
    part_size: ClassVar[int] = 4 * 1024 * 1024
    #: An answer with content has no metadata for users.
    facts_with_content: ClassVar[bool] = False

    def __init__(self, client: SharedClient[Any]) -> None:
        self._shared = client

    def check(self, address: Address) -> None:
        """Refuse the few names that can't be."""
        if address.name in (".", "..") or set("\r\n") & set(address.name):
            raise ERRORS.url(f"{str(address)!r}: an object's name can't be . or .., and has no line breaks")

    def head(self, address: Address) -> ObjectFacts:
        """Facts of an object. Raises GSNotFound."""
        blob = self._blob(address)
        try:
            blob.reload(**_TIMES)
        except SDK_ERRORS as error:
            raise self._failure(error, "HEAD", address) from error
        updated = blob.updated
        return ObjectFacts(
            blob.size,
            str(blob.generation),
            blob.content_type,
            blob.metadata or {},
            blob.kms_key_name,
            None if updated is None else updated.timestamp(),
        )

    def download(
        self, address: Address, start: int, length: int | None, version: str | None
    ) -> tuple[Download, ObjectFacts] | None:
        """Ask for an object, or a range of it; see the base class."""
        try:
            retried: Callable[..., Any] = _RETRY(open_object)
            answer = retried(self._shared.get(), address.bucket, address.name, start, length, version, decompress=False)
        except SDK_ERRORS as error:
            raise self._failure(error, "GET", address) from error
        if answer is None:
            return None
        found, headers = answer
        return found, ObjectFacts(found.total, found.version, headers.get("Content-Type"))

    def upload(self, address: Address, content: ObjectContent, options: PutOptions, *, create: bool) -> bool:
        """Write an object in one request."""
        blob = self._blob(address, options.encryption)
        blob.chunk_size = _CHUNK
        blob.metadata = options.headers() or None
        condition = {"if_generation_match": 0} if create else {}
        content.seek(0)  # it may be another attempt
        try:
            blob.upload_from_file(content, size=content.size, content_type=options.content_type, **condition, **_TIMES)
        except PreconditionFailed as error:
            if create:
                return False
            raise self._failure(error, "PUT", address) from error
        except DataCorruption as error:
            # A part whose answer was lost was sent again, and came twice. The SDK has removed the object: once more.
            raise ServiceBusy(ERRORS.failed(f"PUT {address} failed: what arrived isn't what was sent")) from error
        except SDK_ERRORS as error:
            raise self._failure(error, "PUT", address) from error
        return True

    def upload_parts(
        self, address: Address, content: ObjectContent, options: PutOptions, *, create: bool, workers: int
    ) -> bool:
        """Write a large object by a resumable upload, which sends one part after another."""
        return self.upload(address, content, options, create=create)

    def scan(self, address: Address, *, recursive: bool) -> Iterator[tuple[str, int | None]]:
        """Names that begin with the address's, and sizes."""
        delimiter = {} if recursive else {"delimiter": "/"}
        try:
            found = self._shared.get().list_blobs(
                address.bucket, prefix=address.name, fields=_FIELDS, page_size=1000, **delimiter, **_TIMES
            )
            for blob in found:
                yield blob.name, blob.size
        except SDK_ERRORS as error:
            raise self._failure(error, "LIST", address) from error
        for name in sorted(found.prefixes):
            yield name, None

    def close(self) -> None:
        """Nothing: the client is the process's, for all tools that are configured alike."""

    # --- how -------------------------------------------------------------------------------------------------------

    def _blob(self, address: Address, key: str | None = None) -> Any:
        return self._shared.get().bucket(address.bucket).blob(address.name, kms_key_name=key)

    def _failure(self, error: Exception, verb: str, address: Address) -> DataToolsError | ServiceBusy:
        if isinstance(error, RetryError) and isinstance(error.cause, Exception):
            error = error.cause
        kind: type[DataToolsError] = ERRORS.failed
        status = int(error.code or 0) if isinstance(error, GoogleAPICallError) else 0
        if isinstance(error, NotFound):
            if "upload_id=" in getattr(error.response, "url", ""):
                # The answer to the last part was lost, and the upload had ended; so says the service to begin again.
                return ServiceBusy(ERRORS.failed(f"{verb} {address} failed: the upload's session is gone"))
            if verb in ("GET", "HEAD") and "specified bucket" not in str(error.message).lower():
                return ERRORS.not_found(f"there is no {address}")
            kind = ERRORS.url
        elif status in (401, 403):
            kind = ERRORS.denied
        made = failure(error, f"{verb} {address}", self._shared.get().api_endpoint, kind, _mends(verb, address))
        return ServiceBusy(made) if status in _BUSY else made


def _mends(verb: str, address: Address) -> dict[int, str]:
    """What to do about refusals, in terms of this request."""
    role = "roles/storage.objectUser" if verb == "PUT" else "roles/storage.objectViewer"
    allow = f"give these credentials {role} on the bucket {address.bucket} (docs/how-to/files-in-gcs.md)"
    return {403: allow, 404: "create the bucket, or correct the URL"}
