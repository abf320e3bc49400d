"""The datastore ``s3``: objects of a bucket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import get_ident
from typing import Any, ClassVar, Self

from botocore.exceptions import BotoCoreError, ClientError

from flowkit.plugin import (
    ConnectionDropped,
    Content,
    Datastore,
    DatastoreError,
    Download,
    ObjectChanged,
    RemoteDatastore,
    RemoteObject,
    SharedClient,
)
from flowkit_aws.clients import AWS
from flowkit_aws.failures import code_of, failure, is_absent, is_unsupported
from flowkit_aws.multipart import copy_object, upload_parts

__all__ = ["S3Datastore"]

#: Another writer has made the object, or is making it at this moment.
_THERE_ALREADY = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
_OUT_OF_RANGE = frozenset({"InvalidRange", "416"})
_PIECE = 1024 * 1024


class S3Datastore(RemoteDatastore):
    """Objects below ``s3://bucket/prefix``.

    An object is created by a conditional PUT, which S3 answers for one of several writers only.

    Parameters
    ----------
    client
        In place of the client that is configured for DATASTORE.
    """

    name: ClassVar[str] = "s3"
    names_per_removal: ClassVar[int] = 1000

    def __init__(
        self, root: str, *, clock: Callable[[], float] = time.time, client: SharedClient[Any] | None = None
    ) -> None:
        super().__init__(root, clock=clock)
        self._shared = client or AWS.client("s3", "DATASTORE")
        encryption = AWS.options_for("s3", "DATASTORE").get("server_side_encryption")
        self._put_arguments = {"ServerSideEncryption": encryption} if encryption else {}
        self._create_arguments = {"IfNoneMatch": "*"}

    @classmethod
    def open(cls, root: str) -> Self:
        """Open the store, and build its client, which connects when it is used."""
        store = cls(root)
        store._shared.prepare()
        return store

    def close(self) -> None:
        """Close the connections of this process's client."""
        self._shared.close()

    def scratch(self) -> Datastore | None:
        """A bucket in memory that answers this store's client in the service's place, until it is closed.

        None if another client provider's credentials could make a connection.
        """
        from flowkit_aws.memory_bucket import MemoryBucket

        scope = ExitStack()
        client = scope.enter_context(self._shared.unconnected())
        if not MemoryBucket.can_answer(client):
            scope.close()
            return None
        scope.enter_context(MemoryBucket(client))
        return _Scratch(self.root, self._shared, scope)

    def remove_leftovers(self, older_than_seconds: float) -> int:
        """End uploads in parts that were begun that long ago and never completed."""
        removed, before = 0, self._clock() - older_than_seconds
        for page in self._pages("list_multipart_uploads"):
            for upload in page.get("Uploads", ()):
                if upload["Initiated"].timestamp() < before:
                    self._call("abort_multipart_upload", upload["Key"], UploadId=upload["UploadId"])
                    removed += 1
        return removed

    # --- requests --------------------------------------------------------------------------------------------------

    def _head(self, name: str) -> RemoteObject | None:
        try:
            answer = self._request("head_object", Key=name)
        except (ClientError, BotoCoreError) as error:
            if is_absent(error):
                return None
            raise self._failure(error, "HEAD", name) from error
        return RemoteObject(name, answer["ContentLength"], answer["LastModified"].timestamp())

    def _upload(self, name: str, content: Content, *, create: bool) -> bool:
        return self._create("put_object", name, create=create, Body=content, **self._put_arguments)

    def _upload_parts(self, name: str, content: Content, *, create: bool) -> bool:
        return upload_parts(self._call, self._create, name, content, self, create=create, **self._put_arguments)

    def _download(self, name: str, start: int, length: int | None, version: str | None) -> Download | None:
        arguments = {"IfMatch": version} if version else {}
        if start or length is not None:
            arguments["Range"] = f"bytes={start}-{'' if length is None else start + length - 1}"
        try:
            answer = self._request("get_object", Key=name, **arguments)
        except (ClientError, BotoCoreError) as error:
            code = code_of(error)
            if code in _OUT_OF_RANGE:
                return None
            if code in _THERE_ALREADY:
                raise ObjectChanged from error
            raise (self._missing(name) if is_absent(error) else self._failure(error, "GET", name)) from error
        body = answer["Body"]
        covered = answer.get("ContentRange", "")
        total = int(covered.rpartition("/")[2]) if covered else answer["ContentLength"]
        return Download(total, answer["ETag"], _pieces(body), body.close)

    def _scan(self, prefix: str, *, recursive: bool) -> Iterator[RemoteObject | str]:
        delimiter = {} if recursive else {"Delimiter": "/"}
        for page in self._pages("list_objects_v2", Prefix=prefix, **delimiter):
            for found in page.get("CommonPrefixes", ()):
                yield found["Prefix"]
            for found in page.get("Contents", ()):
                yield RemoteObject(found["Key"], found["Size"], found["LastModified"].timestamp())

    def _remove(self, names: Sequence[str], before_request: Callable[[], None] | None = None) -> None:
        objects = [{"Key": name} for name in names]
        with self._before_each("DeleteObjects", before_request):
            answer = self._call("delete_objects", names[0], Delete={"Objects": objects, "Quiet": True})
        for error in answer.get("Errors", ()):
            raise self._failure(ClientError({"Error": error}, "DeleteObjects"), "DELETE", error.get("Key", ""))

    def _touch(self, found: RemoteObject) -> bool:
        return self._copy(found, found.name)

    def _copy(self, found: RemoteObject, target: str) -> bool:
        try:
            copy_object(self._request, self.location.bucket, found, target, **self._put_arguments)
        except (ClientError, BotoCoreError) as error:
            if is_absent(error):
                return False
            raise self._failure(error, "COPY", found.name) from error
        return True

    # --- how -------------------------------------------------------------------------------------------------------

    def _request(self, operation: str, **arguments: Any) -> Any:
        return getattr(self._shared.get(), operation)(Bucket=self.location.bucket, **arguments)

    @contextmanager
    def _before_each(self, operation: str, action: Callable[[], None] | None) -> Iterator[None]:
        """Call ``action`` before each of this thread's requests of that kind, those too that the SDK repeats."""
        if action is None:
            yield
            return
        thread, event, events = get_ident(), f"before-send.s3.{operation}", self._shared.get().meta.events

        def handle(**_: Any) -> None:
            if get_ident() == thread:
                action()

        events.register_first(event, handle)
        try:
            yield
        finally:
            events.unregister(event, handle)

    def _call(self, operation: str, name: str, **arguments: Any) -> Any:
        """One request about an object, or the error for the user."""
        if operation != "delete_objects":
            arguments["Key"] = name
        try:
            return self._request(operation, **arguments)
        except (ClientError, BotoCoreError) as error:
            raise self._failure(error, operation.split("_")[0].upper(), name) from error

    def _create(self, operation: str, name: str, *, create: bool, **arguments: Any) -> bool:
        """A request that makes an object; with ``create``, False if there is one."""
        condition = self._create_arguments if create else {}
        try:
            self._request(operation, Key=name, **condition, **arguments)
        except (ClientError, BotoCoreError) as error:
            code = code_of(error)
            if condition and code in _THERE_ALREADY:
                return False
            if condition and is_unsupported(error):
                self._create_arguments = {}
                if isinstance(body := arguments.get("Body"), Content):
                    body.seek(0)
                return self._create(operation, name, create=False, **arguments)
            raise self._failure(error, "PUT", name) from error
        return True

    def _pages(self, operation: str, **arguments: Any) -> Iterator[Any]:
        arguments = {"Prefix": self.location.prefix, **arguments}
        try:
            paginator = self._shared.get().get_paginator(operation)
            yield from paginator.paginate(Bucket=self.location.bucket, **arguments)
        except (ClientError, BotoCoreError) as error:
            raise self._failure(error, "LIST", arguments["Prefix"]) from error

    def _failure(self, error: Exception, verb: str, name: str) -> DatastoreError:
        what = f"{verb} s3://{self.location.bucket}/{name}"
        return failure(error, what, self._shared.get().meta.endpoint_url)


class _Scratch(S3Datastore):
    def __init__(self, root: str, client: SharedClient[Any], scope: ExitStack) -> None:
        super().__init__(root, client=client)
        self._scope = scope

    def close(self) -> None:
        self._scope.close()


def _pieces(body: Any) -> Iterator[bytes]:
    try:
        while piece := body.read(_PIECE):
            yield piece
    except (BotoCoreError, OSError) as error:
        raise ConnectionDropped(str(error)) from error
