"""The datastore ``azure``: blobs of a container."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Self

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import BlobPrefix

from flowkit.plugin import (
    Content,
    DatastoreError,
    Download,
    RemoteDatastore,
    RemoteObject,
    SharedClient,
)
from flowkit_azure.azure_clients import PART_SIZE
from flowkit_azure.blocks import upload_blocks
from flowkit_azure.clients import AZURE
from flowkit_azure.copies import copy_blob
from flowkit_azure.downloads import download
from flowkit_azure.failures import code_of, failure
from flowkit_azure.requests import before_each

__all__ = ["AzureDatastore"]

#: Another writer has made the blob.
_THERE_ALREADY = frozenset({"BlobAlreadyExists", "ConditionNotMet", "UnauthorizedBlobOverwrite"})


class AzureDatastore(RemoteDatastore):
    """Block blobs below ``azure://container/prefix``, of the account that is configured.

    A blob is created by a conditional write, which the service answers for one of several writers only.

    Parameters
    ----------
    client
        In place of the client that is configured for DATASTORE.
    """

    name: ClassVar[str] = "azure"
    part_size: ClassVar[int] = PART_SIZE

    def __init__(
        self, root: str, *, clock: Callable[[], float] = time.time, client: SharedClient[Any] | None = None
    ) -> None:
        super().__init__(root, clock=clock)
        self._shared = client or AZURE.client("blob", "DATASTORE")

    @classmethod
    def open(cls, root: str) -> Self:
        """Open the store, and build its client, which connects when it is used."""
        store = cls(root)
        store._shared.prepare()
        return store

    def close(self) -> None:
        """Close the connections of this process's client."""
        self._shared.close()

    # --- requests --------------------------------------------------------------------------------------------------

    def _head(self, name: str) -> RemoteObject | None:
        try:
            found = self._blob(name).get_blob_properties()
        except AzureError as error:
            if _is_absent(error):
                return None
            raise self._failure(error, "HEAD", name) from error
        return RemoteObject(name, found.size, found.last_modified.timestamp())

    def _upload(self, name: str, content: Content, *, create: bool) -> bool:
        return self._create(
            name, lambda blob: blob.upload_blob(content, length=content.size, overwrite=not create, max_concurrency=1)
        )

    def _upload_parts(self, name: str, content: Content, *, create: bool) -> bool:
        return self._create(name, lambda blob: upload_blocks(blob, content, self, create=create))

    def _download(self, name: str, start: int, length: int | None, version: str | None) -> Download | None:
        try:
            return download(self._shared.get(), self.location.bucket, name, start, length, version)
        except AzureError as error:
            raise (self._missing(name) if _is_absent(error) else self._failure(error, "GET", name)) from error

    def _scan(self, prefix: str, *, recursive: bool) -> Iterator[RemoteObject | str]:
        try:
            container = self._shared.get().get_container_client(self.location.bucket)
            listing = container.list_blobs if recursive else container.walk_blobs
            for found in listing(name_starts_with=prefix):
                if isinstance(found, BlobPrefix):
                    yield found.name
                else:
                    yield RemoteObject(found.name, found.size, found.last_modified.timestamp())
        except AzureError as error:
            raise self._failure(error, "LIST", prefix) from error

    def _remove(self, names: Sequence[str], before_request: Callable[[], None] | None = None) -> None:
        for name in names:
            try:
                self._blob(name).delete_blob(**({} if before_request is None else before_each(before_request)))
            except AzureError as error:
                if not _is_absent(error):
                    raise self._failure(error, "DELETE", name) from error

    def _touch(self, found: RemoteObject) -> bool:
        try:
            self._blob(found.name).set_blob_metadata({})
        except AzureError as error:
            if _is_absent(error):
                return False
            raise self._failure(error, "RENEW", found.name) from error
        return True

    def _copy(self, found: RemoteObject, target: str) -> bool:
        try:
            return copy_blob(self._blob(found.name), self._blob(target))
        except AzureError as error:
            if code_of(error) in ("BlobNotFound", "CannotVerifyCopySource"):
                return False
            raise self._failure(error, "COPY", found.name) from error

    # --- how -------------------------------------------------------------------------------------------------------

    def _blob(self, name: str) -> Any:
        return self._shared.get().get_blob_client(self.location.bucket, name)

    def _create(self, name: str, write: Callable[[Any], object]) -> bool:
        try:
            write(self._blob(name))
        except AzureError as error:
            if code_of(error) in _THERE_ALREADY:
                return False
            raise self._failure(error, "PUT", name) from error
        return True

    def _failure(self, error: AzureError, verb: str, name: str) -> DatastoreError:
        client = self._shared.get()
        return failure(error, f"{verb} azure://{self.location.bucket}/{name} ({client.account_name})", client.url)


def _is_absent(error: Exception) -> bool:
    # A HEAD request's answer names the code in a header, or not at all.
    return isinstance(error, ResourceNotFoundError) and code_of(error) in ("", "BlobNotFound")
