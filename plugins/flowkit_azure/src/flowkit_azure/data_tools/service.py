"""Requests to Azure Blob Storage for data tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

import attrs
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.storage.blob import BlobPrefix, ContentSettings

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
from flowkit_azure.blocks import upload_blocks
from flowkit_azure.data_tools.errors import ERRORS
from flowkit_azure.downloads import open_blob
from flowkit_azure.failures import code_of, failure

__all__ = ["AzureBlobService"]

_THERE_ALREADY = frozenset({"BlobAlreadyExists", "ConditionNotMet", "UnauthorizedBlobOverwrite"})
_BUSY = frozenset({429, 500, 503})
_META = "x-ms-meta-"


class AzureBlobService(ObjectService):
    """Block blobs of one account."""

    scheme: ClassVar[str] = "azure"
    errors: ClassVar[ErrorFamily] = ERRORS
    #: The SDK holds what it sends in one request in memory.
    part_size: ClassVar[int] = 4 * 1024 * 1024

    def __init__(self, client: SharedClient[Any]) -> None:
        self._shared = client

    def check(self, address: Address) -> None:
        """Refuse names that would be another blob's on the way there."""
        if {".", ".."} & set(address.name.split("/")):
            raise ERRORS.url(f"{address}: a blob's name can't have . or .. between slashes: they would be resolved")

    def head(self, address: Address) -> ObjectFacts:
        """Facts of a blob. Raises AzureBlobNotFound."""
        try:
            found = self._blob(address).get_blob_properties()
        except AzureError as error:
            raise self._failure(error, "HEAD", address) from error
        return ObjectFacts(
            found.size,
            found.etag,
            found.content_settings.content_type,
            found.metadata or {},
            found.encryption_scope,
            found.last_modified.timestamp(),
        )

    def download(
        self, address: Address, start: int, length: int | None, version: str | None
    ) -> tuple[Download, ObjectFacts] | None:
        """Ask for a blob, or a range of it; see the base class."""
        try:
            answer = open_blob(
                self._shared.get(), address.bucket, address.name, start, length, version, decompress=False
            )
        except AzureError as error:
            raise self._failure(error, "GET", address) from error
        if answer is None:
            return None
        found, headers = answer
        metadata = {name[len(_META) :]: text for name, text in headers.items() if name.lower().startswith(_META)}
        facts = ObjectFacts(
            found.total,
            found.version,
            headers.get("Content-Type"),
            metadata,
            headers.get("x-ms-encryption-scope"),
            parsedate_to_datetime(headers["Last-Modified"]).timestamp(),
        )
        return found, facts

    def upload(self, address: Address, content: ObjectContent, options: PutOptions, *, create: bool) -> bool:
        """Write a blob in one request."""
        arguments = _arguments(options)
        return self._create(
            address,
            lambda blob: blob.upload_blob(
                content, length=content.size, overwrite=not create, max_concurrency=1, **arguments
            ),
        )

    def upload_parts(
        self, address: Address, content: ObjectContent, options: PutOptions, *, create: bool, workers: int
    ) -> bool:
        """Write a blob in blocks; those of one that fails, the service drops after a week."""
        sizes = _Sizes(self.part_size, workers)
        return self._create(
            address, lambda blob: upload_blocks(blob, content, sizes, create=create, **_arguments(options))
        )

    def scan(self, address: Address, *, recursive: bool) -> Iterator[tuple[str, int | None]]:
        """Names that begin with the address's, and sizes."""
        try:
            container = self._shared.get().get_container_client(address.bucket)
            listing = container.list_blobs if recursive else container.walk_blobs
            for found in listing(name_starts_with=address.name):
                yield (found.name, None if isinstance(found, BlobPrefix) else found.size)
        except AzureError as error:
            raise self._failure(error, "LIST", address) from error

    def close(self) -> None:
        """Nothing: the client is the process's, for all tools that are configured alike."""

    # --- how -------------------------------------------------------------------------------------------------------

    def _blob(self, address: Address) -> Any:
        return self._shared.get().get_blob_client(address.bucket, address.name)

    def _create(self, address: Address, write: Callable[[Any], object]) -> bool:
        try:
            write(self._blob(address))
        except AzureError as error:
            if code_of(error) in _THERE_ALREADY:
                return False
            raise self._failure(error, "PUT", address) from error
        return True

    def _failure(self, error: AzureError, verb: str, address: Address) -> DataToolsError | ServiceBusy:
        client = self._shared.get()
        kind: type[DataToolsError] = ERRORS.failed
        status = error.status_code if isinstance(error, HttpResponseError) else None
        if isinstance(error, ResourceNotFoundError):
            if code_of(error) in ("", "BlobNotFound"):
                return ERRORS.not_found(f"there is no {address} in the account {client.account_name}")
            kind = ERRORS.url
        elif status in (401, 403):
            kind = ERRORS.denied
        made = failure(error, f"{verb} {address} ({client.account_name})", client.url, kind, _mends(verb, address))
        return ServiceBusy(made) if status in _BUSY else made


@attrs.frozen
class _Sizes:
    part_size: int
    part_workers: int


def _arguments(options: PutOptions) -> dict[str, Any]:
    found = {
        # Names of metadata are identifiers there.
        "metadata": {name.replace("-", "_"): text for name, text in options.headers().items()},
        "content_settings": ContentSettings(content_type=options.content_type) if options.content_type else None,
        "encryption_scope": options.encryption,
    }
    return {name: value for name, value in found.items() if value}


def _mends(verb: str, address: Address) -> dict[str, str]:
    """What to do about refusals, in terms of this request."""
    role = "Storage Blob Data Contributor" if verb == "PUT" else "Storage Blob Data Reader"
    allow = f"give these credentials the role {role} on the container {address.bucket} (docs/how-to/files-in-azure.md)"
    codes = ("403", "AuthorizationPermissionMismatch", "AuthorizationFailure", "InsufficientAccountPermissions")
    return {**dict.fromkeys(codes, allow), "ContainerNotFound": "create the container, or correct the URL"}
