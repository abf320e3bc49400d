"""Where the parts of one use of a flow meet: which store, which metadata, which user."""

from __future__ import annotations

from functools import cached_property
from typing import cast

from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.compile.compiler import CompiledFlow
from flowkit.interfaces.datastore import Datastore
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.kernel.registry import Registry
from flowkit.model.task import StoreRef
from flowkit.settings import Settings

__all__ = ["Session"]


class Session:
    """The parts that a run, or a command about runs, works with; each is opened when it is first used.

    Parameters
    ----------
    registry, settings, compiled
        The plugins, the configuration and the flow.
    datastore, datastore_root, metadata
        In place of what the configuration says.
    """

    def __init__(
        self,
        registry: Registry,
        settings: Settings,
        compiled: CompiledFlow,
        *,
        datastore: str | None = None,
        datastore_root: str | None = None,
        metadata: str | None = None,
        username: str | None = None,
        namespace: str | None = None,
    ) -> None:
        self.registry = registry
        self.settings = settings
        self.compiled = compiled
        self.username = username or registry.hook.flowkit_username(settings=settings)
        self.namespace = namespace if namespace is not None else f"user:{self.username}"
        self._datastore_name = datastore or settings.datastore
        self._datastore_root = datastore_root
        self._metadata_name = metadata or settings.metadata

    @property
    def datastore_ref(self) -> StoreRef:
        """Which datastore, and its root."""
        root = self._datastore_root or self.settings.datastore_root(self._datastore_name)
        if root is None and self._datastore_name == "local":
            root = str(self.settings.local_root())
        if root is None:
            from flowkit.errors import ConfigurationError

            raise ConfigurationError(
                f"the datastore {self._datastore_name!r} needs a root: give --datastore-root, or set "
                f"FLOWKIT_DATASTORE_SYSROOT_{self._datastore_name.upper()}"
            )
        return StoreRef(self._datastore_name, root)

    @property
    def metadata_ref(self) -> StoreRef:
        """Which metadata provider, and where it keeps its records. ``name@location`` says both."""
        name, _, location = self._metadata_name.partition("@")
        return StoreRef(name, location or str(self.settings.local_root()))

    @cached_property
    def datastore(self) -> Datastore:
        """The datastore, open."""
        ref = self.datastore_ref
        kind = cast(type[Datastore], self.registry.get("datastores", ref.name))
        return kind.open(ref.root)

    @cached_property
    def store(self) -> ArtifactStore:
        """The flow's artifacts."""
        return ArtifactStore(
            self.datastore,
            self.compiled.name,
            SerializerTable.from_registry(self.registry).choosing(self.settings.serializers),
            main_file=self.compiled.file,
        )

    @cached_property
    def metadata(self) -> MetadataProvider:
        """The metadata provider, open."""
        ref = self.metadata_ref
        kind = cast(type[MetadataProvider], self.registry.get("metadata_providers", ref.name))
        return kind.open(ref.root)

    def close(self) -> None:
        """Give back what was opened."""
        for name in ("metadata", "datastore"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()
        self.__dict__.pop("store", None)
