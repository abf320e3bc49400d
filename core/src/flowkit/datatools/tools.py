"""Data tools: the methods that those of every service have."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any, ClassVar, Generic, Self, TypeVar

from flowkit.artifacts.remote.parallel import map_in_order
from flowkit.datatools.addresses import Address, Addresses, configured_root, root_of_run
from flowkit.datatools.downloads import Downloader, Span
from flowkit.datatools.error_family import ErrorFamily
from flowkit.datatools.keys import GetObject, PutObject, key_of, pair_of, several
from flowkit.datatools.progress import Meter
from flowkit.datatools.service import ObjectService, PutOptions, patiently
from flowkit.datatools.stored_object import StoredObject
from flowkit.datatools.temporary import TemporaryFiles
from flowkit.datatools.uploads import Source, Uploader
from flowkit.settings import Settings

__all__ = ["DataTools"]

T = TypeVar("T")
R = TypeVar("R")
#: What is returned for an object: a subclass of StoredObject.
Stored = TypeVar("Stored", bound=StoredObject)
_PAIRS = {"value": "(key, value) or PutObject", "path": "(key, path) or PutObject"}


class DataTools(ABC, Generic[Stored]):
    """Base of the tools of a service. A subclass sets the class attributes and makes the service and the objects.

    Objects are named by keys below the root, or by whole URLs if there is none. Results come in the order asked.
    Fetched content is in local files that are removed by :meth:`close`, which the end of a ``with`` block calls.

    Parameters
    ----------
    tmproot
        Folder in which the folder for fetched files is made; the system's for temporary files if it isn't given.
    bucket, prefix
        In place of those of the configured root, if ``run`` is given.
    run
        ``self`` in a step, or a Run of the client: the root is ``<configured root>/<flow>/<run>``.
    root
        A URL that is put before keys; not looked at if ``run`` is given.
    encryption
        How the service is to encrypt what is stored; as it is configured if it isn't given.
    quiet
        Show no progress bar; there is none where stderr isn't a terminal, and for transfers under half a second.

    Raises
    ------
    ObjectURLError
        The service's own, if the root isn't a URL of this service, or ``run`` is given and no root is configured.
    """

    #: The service's name, and in the names of the temporary folders.
    TYPE: ClassVar[str]
    #: The schemes of URLs; the first is that of the URLs that are returned.
    schemes: ClassVar[tuple[str, ...]]
    #: In the names of settings: DATATOOLS_<this>ROOT, DATASTORE_SYSROOT_<this>.
    root_setting: ClassVar[str]
    errors: ClassVar[ErrorFamily]

    def __init__(
        self,
        tmproot: str | None = None,
        bucket: str | None = None,
        prefix: str | None = None,
        run: Any = None,
        root: str | None = None,
        encryption: str | None = None,
        *,
        quiet: bool = False,
    ) -> None:
        scheme = self.schemes[0]
        if run is not None:
            root = root_of_run(scheme, self.errors, self.root_setting, run, bucket, prefix)
        elif root is not None and not root.startswith(tuple(f"{one}://" for one in self.schemes)):
            raise self.errors.url(f"the root {root!r} must be a URL that begins with {scheme}://")
        self._root = root.rstrip("/") if root else None
        self._encryption = encryption
        self._quiet = quiet
        self._files = TemporaryFiles(tmproot, self.TYPE)
        self._service = self._make_service()
        self._workers = Settings.load().datatools_workers
        self._addresses = Addresses(self.schemes, self.errors, self._root, self._service.longest_name)

    @abstractmethod
    def _make_service(self) -> ObjectService:
        """The service, which makes no connection before it is asked for something."""

    @abstractmethod
    def _make_object(self, url: str, prefix: str | None, **facts: Any) -> Stored:
        """What is returned for an object, with the arguments of StoredObject."""

    @classmethod
    def get_root_from_config(cls, echo: Any = None, create_on_absent: bool = True) -> str | None:  # noqa: ARG003
        """The root that is configured for files of runs; None if none is. The arguments have no effect."""
        return configured_root(cls.root_setting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the fetched files. A tool that is used again makes a new folder."""
        self._files.remove()
        self._service.close()

    def filesystem(self) -> Any:
        """A filesystem of pyarrow's over this tool's client: paths are ``bucket/name``.

        It reads and writes with the tool's credentials for as long as the process runs, for datasets above all:
        ``dataset.dataset("bucket/folder", filesystem=tool.filesystem()).to_table(filter=…)`` fetches only those parts
        of files that the filter and the columns need. Raises ImportError if pyarrow isn't installed.
        """
        from flowkit.datatools.arrow import arrow_filesystem

        return arrow_filesystem(self._service)

    # --- listing ---------------------------------------------------------------------------------------------------

    def list_paths(self, keys: Iterable[str] | None = None) -> list[Stored]:
        """What is directly below each key: objects, and prefixes (``exists`` is False) of those further down.

        Parameters
        ----------
        keys
            None for the root. Several are listed at once; what they hold comes in the order of the keys.
        """
        return self._list(keys, recursive=False)

    def list_recursive(self, keys: Iterable[str] | None = None) -> list[Stored]:
        """All objects below each key, as :meth:`list_paths`, at any depth."""
        return self._list(keys, recursive=True)

    def _list(self, keys: Iterable[Any] | None, *, recursive: bool, is_folder: bool = True) -> list[Stored]:
        def scan(key: Any) -> list[Stored]:
            url = self._addresses.url(key_of(key))
            folder = f"{url.rstrip('/')}/"
            address = self._addresses.parse(folder if is_folder else url)
            found = patiently(lambda: list(self._service.scan(address, recursive=recursive)))
            found.sort(key=lambda one: one[1] is None)
            prefix = url if recursive else folder
            return [self._object(str(address.within(name)), prefix, size=size) for name, size in found]

        pages = self._map(scan, [None] if keys is None else list(several(keys, "keys", self.errors)))
        return [one for page in pages for one in page]

    # --- facts -----------------------------------------------------------------------------------------------------

    def info(self, key: str | None = None, return_missing: bool = False) -> Stored:
        """Size, type and metadata of an object, by one request that fetches no content.

        Raises
        ------
        ObjectNotFound
            The service's own, if there is no such object; with ``return_missing`` it is returned, and ``exists`` is
            False.
        """
        url, address = self._object_address(key)
        try:
            facts = patiently(lambda: self._service.head(address))
        except self.errors.not_found:
            if not return_missing:
                raise
            return self._object(url)
        return self._object(url, size=facts.size, facts=facts)

    def info_many(self, keys: Iterable[str], return_missing: bool = False) -> list[Stored]:
        """As :meth:`info`, of many objects at once."""
        return self._map(lambda key: self.info(key, return_missing), list(several(keys, "keys", self.errors)))

    # --- fetching --------------------------------------------------------------------------------------------------

    def get(self, key: str | GetObject | None = None, return_missing: bool = False, return_info: bool = True) -> Stored:
        """Fetch one object, or a range of it, into a local file.

        Parameters
        ----------
        key
            A key, URL, or GetObject that names a range; None for the object that the root itself names.
        return_missing
            Return an object that isn't there, with ``exists`` False, rather than raise.
        return_info
            Have its type, metadata and range in the result, too.

        Raises
        ------
        ObjectNotFound, ObjectAccessDenied, ObjectRangeError, InsufficientDiskSpace, ObjectAccessFailed
            The service's own, with the address in the message.
        """
        return self._get([key], return_missing, return_info)[0]

    def get_many(
        self, keys: Iterable[str | GetObject], return_missing: bool = False, return_info: bool = True
    ) -> list[Stored]:
        """As :meth:`get`, of many objects at once."""
        return self._get(list(several(keys, "keys", self.errors)), return_missing, return_info)

    def get_recursive(self, keys: Iterable[str], return_info: bool = False) -> list[Stored]:
        """Fetch all objects whose addresses begin with that of a key; with a slash at its end, those of a folder."""
        return self._fetch_listed(self._list(keys, recursive=True, is_folder=False), return_info)

    def get_all(self, return_info: bool = False) -> list[Stored]:
        """Fetch all objects below the root. Raises ObjectURLError (the service's own) if there is none."""
        if self._root is None:
            raise self.errors.url("get_all() fetches what is below the root, and there is none: give a root or run")
        return self._fetch_listed(self._list(None, recursive=True), return_info)

    def _fetch_listed(self, listed: list[Stored], return_info: bool) -> list[Stored]:
        root = self._root if return_info else None
        return self._fetch([(one.url, root or one.prefix, None) for one in listed], False, return_info)

    def _get(self, keys: list[Any], return_missing: bool, return_info: bool) -> list[Stored]:
        wanted = [(self._object_address(key)[0], self._root, _span(key)) for key in keys]
        return self._fetch(wanted, return_missing, return_info)

    def _fetch(
        self, wanted: list[tuple[str, str | None, Span | None]], return_missing: bool, return_info: bool
    ) -> list[Stored]:
        with Meter("get", len(wanted), quiet=self._quiet) as meter:
            downloader = Downloader(self._service, meter)

            def fetch(one: tuple[str, str | None, Span | None]) -> Stored:
                url, prefix, span = one
                address = self._addresses.parse_object(url)
                self._service.check(address)
                try:
                    path = self._files.new_file(address.name)
                except OSError as error:
                    raise self.errors.failed(
                        f"no folder for fetched files can be made: {error}; give another one as tmproot"
                    ) from None
                try:
                    got = downloader.fetch(address, path, span, with_facts=return_info)
                except self.errors.not_found:
                    if not return_missing:
                        raise
                    return self._object(url, prefix=prefix)
                facts = {"facts": got.facts, "range_info": got.range_info} if return_info else {}
                return self._object(url, prefix=prefix, size=got.size, path=path, **facts)

            return self._map(fetch, wanted)

    # --- storing ---------------------------------------------------------------------------------------------------

    def put(
        self,
        key: str | PutObject,
        obj: Any,
        overwrite: bool = True,
        content_type: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> str:
        """Store one object; its URL.

        Parameters
        ----------
        obj
            Text (stored as UTF-8), bytes, or a binary file that can be sought, which is stored from its beginning.
        overwrite
            With False, an object that is there is left as it is.
        metadata
            Anything that JSON can carry.

        Raises
        ------
        ObjectValueError, ObjectAccessDenied, ObjectAccessFailed
            The service's own, with the address in the message.
        """
        source = self._source(PutObject(str(key_of(key)), obj, None, content_type, None, metadata))
        self._store([source], overwrite, 1)
        return source.url

    def put_many(
        self, key_objs: Iterable[tuple[str, Any] | PutObject], overwrite: bool = True
    ) -> list[tuple[str, str]]:
        """Store many objects at once, given as (key, value) or PutObject; (key, URL) of those that were stored.

        What a generator yields is taken as it is sent: no more than twice as many values as are sent at once are held.
        """
        several(key_objs, _PAIRS["value"], self.errors)
        total = len(key_objs) if isinstance(key_objs, Sized) else None
        return self._store((self._source(one, "value") for one in key_objs), overwrite, total)

    def put_files(
        self, key_paths: Iterable[tuple[str, Any] | PutObject], overwrite: bool = True
    ) -> list[tuple[str, str]]:
        """Store many local files at once, given as (key, path) or PutObject; (key, URL) of those that were stored.

        Raises
        ------
        ObjectNotFound
            The service's own, if a file isn't there; nothing is stored then.
        """
        sources = [self._source(one, "path") for one in several(key_paths, _PAIRS["path"], self.errors)]
        for source in sources:
            if source.path is None or not os.path.exists(source.path):
                raise self.errors.not_found(f"local file not found: {source.path}, which is to be {source.key!r}")
        return self._store(sources, overwrite, len(sources))

    def _source(self, given: Any, which: str = "value") -> Source:
        if not hasattr(given, "key"):
            key, what = pair_of(given, _PAIRS[which], self.errors)
            given = PutObject(key, **{which: what})
        url, address = self._object_address(given.key)
        options = PutOptions(given.content_type, given.metadata, given.encryption or self._encryption)
        value, path = (None, given.path) if which == "path" else (given.value, None)
        return Source(given.key, url, address, options, value, path)

    def _store(self, sources: Iterable[Source], overwrite: bool, total: int | None) -> list[tuple[str, str]]:
        with Meter("put", total, quiet=self._quiet) as meter:
            uploader = Uploader(self._service, meter)

            def store(source: Source) -> tuple[str, str] | None:
                return (source.key, source.url) if uploader.store(source, overwrite=overwrite) else None

            return [one for one in self._map(store, sources) if one is not None]

    # --- parts -----------------------------------------------------------------------------------------------------

    def _object_address(self, key: Any) -> tuple[str, Address]:
        url, _ = self._addresses.of(key)
        address = self._addresses.parse_object(url)
        self._service.check(address)
        return url, address

    def _map(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        return list(map_in_order(function, items, self._workers))

    def _object(self, url: str, prefix: str | None = None, **facts: Any) -> Stored:
        return self._make_object(url, self._root if prefix is None else prefix, **facts)


def _span(key: Any) -> Span | None:
    """The range that a key asks for, if it asks for one."""
    offset, length = getattr(key, "offset", None), getattr(key, "length", None)
    return None if offset is None and length is None else Span(offset or 0, length)
