"""Which flows in which datastores a collection is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import attrs

from flowkit.errors import NotFound
from flowkit.interfaces.datastore import Datastore
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.kernel.registry import Registry
from flowkit.model.task import StoreRef

__all__ = ["Place", "open_datastore", "places"]


@attrs.frozen
class Place:
    """The flows of one datastore."""

    ref: StoreRef
    flows: tuple[str, ...]


def places(
    registry: Registry,
    metadata: MetadataProvider,
    configured: StoreRef | None,
    flows: Sequence[str] = (),
    only: StoreRef | None = None,
) -> list[Place]:
    """All datastores that recorded runs name, and the configured one; with the flows that they have.

    Parameters
    ----------
    flows
        Only these.
    only
        Only this datastore.

    Raises
    ------
    NotFound
        If a flow that was named is nowhere.
    """
    found: dict[StoreRef, set[str]] = {}
    if configured is not None:
        found[configured] = _flows_in(open_datastore(registry, configured))
    for flow in flows or metadata.flows():
        for run in metadata.all_runs(flow):
            found.setdefault(StoreRef(run.datastore, run.datastore_root), set()).add(flow)
    known = set[str]().union(*found.values())
    if missing := [flow for flow in flows if flow not in known]:
        raise NotFound(f"there is no flow {missing[0]!r} in {metadata.location}, nor in a datastore that it names")
    wanted = set(flows) or known
    return [
        Place(ref, tuple(sorted(names & wanted)))
        for ref, names in found.items()
        if names & wanted and (only is None or ref == only)
    ]


def open_datastore(registry: Registry, ref: StoreRef) -> Datastore:
    """The store, open. Raises UnknownCapability, ConfigurationError."""
    return cast("type[Datastore]", registry.get("datastores", ref.name)).open(ref.root)


def _flows_in(datastore: Datastore) -> set[str]:
    """Flows that have content there, whether or not a run of theirs is recorded."""
    names = [info.key.rstrip("/") for info in datastore.list("", recursive=False) if info.key.endswith("/")]
    return {name for name in names if name.isidentifier() and _has_content(datastore, name)}


def _has_content(datastore: Datastore, flow: str) -> bool:
    folders: Mapping[str, object] = {info.key: info for info in datastore.list(flow, recursive=False)}
    return f"{flow}/blobs/" in folders or f"{flow}/runs/" in folders
