"""The datastore ``gs``: objects of a bucket of Google Cloud Storage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage.retry import DEFAULT_RETRY

from flowkit.plugin import Content, DatastoreError, Download, RemoteDatastore, RemoteObject, SharedClient
from flowkit_gcp.clients import GCP
from flowkit_gcp.composing import compose_object, parts_folder
from flowkit_gcp.downloads import download
from flowkit_gcp.failures import ERRORS, failure

__all__ = ["GSDatastore"]

#: Again after throttling, 5xx and dropped connections, with exponential pauses and jitter.
_RETRY = DEFAULT_RETRY.with_delay(initial=0.2, maximum=20.0, multiplier=2.0).with_timeout(60.0)
_TIMES = {"retry": _RETRY, "timeout": (10, 60)}
_FIELDS = "items(name,size,updated,customTime),prefixes,nextPageToken"


class GSDatastore(RemoteDatastore):
    """Objects below ``gs://bucket/prefix``.

    An object is created under the condition that it has no generation yet, which is true for one of several writers.

    Parameters
    ----------
    client
        In place of the client that is configured for DATASTORE.
    """

    name: ClassVar[str] = "gs"
    #: What the SDK sends in one request.
    part_size: ClassVar[int] = 8 * 1024 * 1024

    def __init__(
        self, root: str, *, clock: Callable[[], float] = time.time, client: SharedClient[Any] | None = None
    ) -> None:
        super().__init__(root, clock=clock)
        self._shared = client or GCP.client("storage", "DATASTORE")

    @classmethod
    def open(cls, root: str) -> Self:
        """Open the store, and build its client, which connects when it is used."""
        store = cls(root)
        store._shared.prepare()
        return store

    def close(self) -> None:
        """Close the connections of this process's client."""
        self._shared.close()

    def remove_leftovers(self, older_than_seconds: float) -> int:
        """Remove parts of large objects that killed writers left behind."""
        before = self._clock() - older_than_seconds
        found = self._scan(parts_folder(self.location.prefix), recursive=True)
        names = [part.name for part in found if isinstance(part, RemoteObject) and part.modified_at < before]
        self._remove(names)
        return len(names)

    # --- requests --------------------------------------------------------------------------------------------------

    def _head(self, name: str) -> RemoteObject | None:
        blob = self._blob(name)
        try:
            blob.reload(**_TIMES)
        except NotFound:
            return None
        except ERRORS as error:
            raise self._failure(error, "HEAD", name) from error
        return _shown(blob)

    def _upload(self, name: str, content: Content, *, create: bool) -> bool:
        return self._create(
            name,
            create,
            lambda **condition: self._blob(name).upload_from_file(content, size=content.size, **condition, **_TIMES),
        )

    def _upload_parts(self, name: str, content: Content, *, create: bool) -> bool:
        bucket, folder = self._shared.get().bucket(self.location.bucket), parts_folder(self.location.prefix)
        return self._create(
            name,
            create,
            lambda **condition: compose_object(
                bucket, name, content, folder, self, retry=_RETRY, timed=_TIMES, **condition
            ),
        )

    def _download(self, name: str, start: int, length: int | None, version: str | None) -> Download | None:
        try:
            retried: Callable[..., Download | None] = _RETRY(download)
            return retried(self._shared.get(), self.location.bucket, name, start, length, version)
        except NotFound as error:
            if "specified bucket" in str(error.message).lower():
                raise self._failure(error, "GET", name) from error
            raise self._missing(name) from error
        except ERRORS as error:
            raise self._failure(error, "GET", name) from error

    def _scan(self, prefix: str, *, recursive: bool) -> Iterator[RemoteObject | str]:
        delimiter = {} if recursive else {"delimiter": "/"}
        client = self._shared.get()
        try:
            found = client.list_blobs(
                self.location.bucket, prefix=prefix, fields=_FIELDS, page_size=1000, **delimiter, **_TIMES
            )
            for blob in found:
                yield _shown(blob)
        except ERRORS as error:
            raise self._failure(error, "LIST", prefix) from error
        yield from sorted(found.prefixes)

    def _remove(self, names: Sequence[str], before_request: Callable[[], None] | None = None) -> None:
        def remove(name: str) -> None:
            if before_request is not None:
                before_request()
            self._blob(name).delete(retry=None, timeout=_TIMES["timeout"])

        for name in names:
            try:
                _RETRY(remove)(name)
            except NotFound:
                continue
            except ERRORS as error:
                raise self._failure(error, "DELETE", name) from error

    def _touch(self, found: RemoteObject) -> bool:
        blob = self._blob(found.name)
        # A time for users' own purposes, which can only be set forward.
        blob.custom_time = datetime.now(UTC)
        try:
            blob.patch(**_TIMES)
        except NotFound:
            return False
        except ERRORS as error:
            raise self._failure(error, "RENEW", found.name) from error
        return True

    def _copy(self, found: RemoteObject, target: str) -> bool:
        copy, token = self._blob(target), None
        try:
            while True:  # a large object takes several requests
                token, _, _ = copy.rewrite(self._blob(found.name), token=token, **_TIMES)
                if token is None:
                    return True
        except NotFound:
            return False
        except ERRORS as error:
            raise self._failure(error, "COPY", found.name) from error

    # --- how -------------------------------------------------------------------------------------------------------

    def _blob(self, name: str) -> Any:
        return self._shared.get().bucket(self.location.bucket).blob(name)

    def _create(self, name: str, create: bool, write: Callable[..., object]) -> bool:
        try:
            write(**({"if_generation_match": 0} if create else {}))
        except PreconditionFailed as error:
            if create:
                return False
            raise self._failure(error, "PUT", name) from error
        except ERRORS as error:
            raise self._failure(error, "PUT", name) from error
        return True

    def _failure(self, error: Exception, verb: str, name: str) -> DatastoreError:
        what = f"{verb} gs://{self.location.bucket}/{name}"
        return failure(error, what, self._shared.get().api_endpoint)


def _shown(blob: Any) -> RemoteObject:
    times = (blob.updated, blob.custom_time)
    return RemoteObject(blob.name, blob.size, max(moment.timestamp() for moment in times if moment is not None))
