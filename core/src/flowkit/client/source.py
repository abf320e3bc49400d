"""Where the client reads: the metadata provider in force, and the datastores that runs name."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, cast

import attrs

from flowkit.client.recent import Recent

if TYPE_CHECKING:
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.interfaces.datastore import Datastore
    from flowkit.interfaces.metadata_provider import MetadataProvider
    from flowkit.kernel.registry import Registry
    from flowkit.model.record import RunRecord

__all__ = ["Source", "default_metadata", "get_metadata", "metadata", "source_of"]


class Source:
    """One place of records, opened when it is first read.

    Parameters
    ----------
    name, location
        The provider, and where it keeps its records.
    """

    def __init__(self, name: str, location: str) -> None:
        self.name = name
        provider = cast("type[MetadataProvider]", _registry().get("metadata_providers", name))
        self.reader: MetadataProvider = provider.open(location, read_only=True)
        self.location = self.reader.location
        self._provider = provider
        self._writer: MetadataProvider | None = None
        # A store that is closed may be used again, should somebody still have it.
        self._datastores: Recent[tuple[str, str], Datastore] = Recent(_max_stores, lambda store: store.close())
        self._stores: Recent[tuple[str, str, str, str], ArtifactStore] = Recent(_max_stores)

    def __str__(self) -> str:
        return f"{self.name}@{self.location}"

    def close(self) -> None:
        """Give back connections."""
        for part in (self.reader, self._writer, *self._datastores):
            if part is not None:
                part.close()

    @property
    def writer(self) -> MetadataProvider:
        """The same records, for changing tags."""
        if self._writer is None:
            self._writer = self._provider.open(self.reader.location)
        return self._writer

    def datastore(self, run: RunRecord) -> Datastore:
        """The datastore of a run, whatever today's configuration says."""

        def open_store() -> Datastore:
            kind = cast("type[Datastore]", _registry_of(run).get("datastores", run.datastore))
            return _with_cache(kind.open(run.datastore_root))

        return self._datastores.get((run.datastore, run.datastore_root), open_store)

    def store(self, run: RunRecord) -> ArtifactStore:
        """The artifacts of a run's flow."""

        def open_store() -> ArtifactStore:
            from flowkit.artifacts.serializers import SerializerTable
            from flowkit.artifacts.store import ArtifactStore

            serializers = SerializerTable.from_registry(_registry_of(run))
            return ArtifactStore(self.datastore(run), run.flow, serializers)

        key = (run.datastore, run.datastore_root, run.flow, _plugin_file_of(run) or "")
        return self._stores.get(key, open_store)


def _max_stores() -> int:
    from flowkit.settings import Settings

    return Settings.load().client_cache_max_stores


def _with_cache(store: Datastore) -> Datastore:
    """The store, with copies of what is read from it on this machine, if it isn't there itself."""
    if store.is_mappable():
        return store
    from flowkit.settings import Settings

    settings = Settings.load()
    if not settings.client_cache_max_bytes:
        return store
    from flowkit.artifacts.cache import CachedDatastore, CacheFolder

    return CachedDatastore(store, CacheFolder(settings.client_cache_path, settings.client_cache_max_bytes))


@attrs.define
class _Chosen:
    """The source in force, by its text; None before one was chosen or needed."""

    text: str | None = None


_chosen = _Chosen()
_sources: dict[str, Source] = {}


def metadata(ms: str) -> str:
    """Read from another place from now on.

    Parameters
    ----------
    ms
        ``provider@location``, as ``local@/data/project``; or a provider's name alone, for where the configuration
        says. Objects that are there already keep reading where they came from.

    Returns
    -------
    str
        What is now in force, in the same form.

    Raises
    ------
    UnknownCapability
        If no plugin provides that.
    """
    name, _, location = ms.partition("@")
    _chosen.text = str(_opened(name, location or _default_location()))
    return _chosen.text


def get_metadata() -> str:
    """What is in force, as ``local@/data/project/.flowkit``."""
    return _chosen.text if _chosen.text is not None else default_metadata()


def default_metadata() -> str:
    """Go back to what the configuration says. Returns it."""
    from flowkit.settings import Settings

    return metadata(Settings.load().metadata)


def forget() -> None:
    """Go back to what was before any choice, and close what is open: the next use asks the configuration."""
    _chosen.text = None
    for source in set(_sources.values()):
        source.close()
    _sources.clear()


def source_of(text: str) -> Source:
    """The source that ``provider@location`` names."""
    source = _sources.get(text)
    if source is None:
        name, _, location = text.partition("@")
        source = _opened(name, location)
        _sources[text] = source
    return source


def _opened(name: str, location: str) -> Source:
    key = f"{name}@{location}"
    source = _sources.get(key)
    if source is None:
        source = Source(name, location)
        # The provider may name the place otherwise than the user did: both lead to the same source.
        source = _sources.setdefault(str(source), source)
    return source


def _default_location() -> str:
    from flowkit.settings import Settings

    return str(Settings.load().local_root())


def _registry() -> Registry:
    from flowkit.kernel.registry import default_registry

    return default_registry()


def _plugin_file_of(run: RunRecord) -> str | None:
    """The file of plugins beside the flow of a run, if it is there and isn't among this process's plugins."""
    from flowkit.kernel.discovery import plugin_file

    flow_file = str(run.info.get("flow_file") or "")
    beside = plugin_file(os.path.dirname(flow_file)) if flow_file else None
    return None if beside is None or _registry().has_file(beside) else str(beside)


def _registry_of(run: RunRecord) -> Registry:
    """The plugins that a run's values are read with: this process's, and those of the file beside the run's flow."""
    beside = _plugin_file_of(run)
    return _registry() if beside is None else _registry_with(beside)


@cache
def _registry_with(file: str) -> Registry:
    from flowkit.kernel.registry import Registry

    return Registry.for_flow(_registry().settings, file)
