"""What this distribution offers. Nothing here imports the SDK before it is used."""

from __future__ import annotations

from collections.abc import Iterable

from flowkit.plugin import ClientProvider, Datastore, Provider, hookimpl


def _gs() -> type[Datastore]:
    from flowkit_gcp.gs_datastore import GSDatastore

    return GSDatastore


def _gcp() -> type[ClientProvider]:
    from flowkit_gcp.gcp_clients import GCPClients

    return GCPClients


@hookimpl
def flowkit_datastores() -> Iterable[Provider[type[Datastore]]]:
    """The store ``gs``."""
    yield Provider("gs", _gs, help="Google Cloud Storage: gs://BUCKET/PREFIX")


@hookimpl
def flowkit_client_providers() -> Iterable[Provider[type[ClientProvider]]]:
    """The clients ``gcp``."""
    yield Provider("gcp", _gcp, help="clients of Google Cloud from a key file, or what the SDK finds")
