"""The configurations of a run, as its tasks read them: files that may have changed since aren't read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.artifacts.layout import manifest_key
from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.authoring.config import configs_of

if TYPE_CHECKING:
    from flowkit.authoring.config_resolution import ConfigSource
    from flowkit.kernel.registry import Registry
    from flowkit.model.task import RunSpec

__all__ = ["stored_configs"]


def stored_configs(flow_class: type[Any], run: RunSpec, registry: Registry) -> ConfigSource | None:
    """The values that the run was started with; None for a flow without configurations."""
    definitions = configs_of(flow_class)
    if not definitions:
        return None
    from flowkit.authoring.config_resolution import ConfigSource

    datastore = registry.get("datastores", run.datastore.name).open(run.datastore.root)
    store = ArtifactStore(datastore, run.flow, SerializerTable.from_registry(registry), main_file=run.flow_file)
    entries = store.read_manifest(manifest_key(run.flow, run.run_id, "_parameters", "0", 0)).artifacts
    values = {one.name: store.load(entries[one.attribute]) for one in definitions if one.attribute in entries}
    return ConfigSource(stored=values, datastore=run.datastore.name)
