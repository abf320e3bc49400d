"""Where the parts of one use of a flow meet: which store, which metadata, which user."""

from __future__ import annotations

from functools import cached_property
from typing import cast

from flowkit.artifacts.layout import manifest_key
from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.compile.compiler import CompiledFlow
from flowkit.errors import FlowkitError
from flowkit.interfaces.datastore import Datastore
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.kernel.registry import Registry
from flowkit.model.record import RunRecord
from flowkit.model.task import StoreRef
from flowkit.settings import Settings

__all__ = ["PARAMETERS_STEP", "Session"]

#: The step that a run's parameters are stored under, as a task's artifacts are.
PARAMETERS_STEP = "_parameters"


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

    def go_to_store_of(self, run: RunRecord) -> bool:
        """Use the store that ``run`` is in from here on: a run that goes on with it refers to what is there.

        That is what its record says, unless a root was given, or the present store has the run (its folder was moved).
        Returns whether it is another than it was. Makes no connection.
        """
        recorded = StoreRef(run.datastore, run.datastore_root)
        if not recorded.name or self._datastore_root is not None or self._has(run, recorded):
            return False
        self._close_datastore()
        self._datastore_name, self._datastore_root = recorded.name, recorded.root
        return True

    def _has(self, run: RunRecord, recorded: StoreRef) -> bool:
        try:
            if self.datastore_ref == recorded:
                return True
            key = manifest_key(run.flow, run.run_id, PARAMETERS_STEP, "0", 0)
            return self.datastore.is_mappable() and self.datastore.info(key) is not None
        except FlowkitError:  # not configured, or not to be read
            return False

    def close(self) -> None:
        """Give back what was opened."""
        self.close_metadata()
        self._close_datastore()

    def close_metadata(self) -> None:
        """Give back the metadata provider; it is opened again when it is used."""
        if "metadata" in self.__dict__:
            self.__dict__.pop("metadata").close()

    def _close_datastore(self) -> None:
        if "datastore" in self.__dict__:
            self.__dict__.pop("datastore").close()
        self.__dict__.pop("store", None)
