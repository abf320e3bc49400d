"""What this distribution offers. Nothing here imports the SDK before it is used."""

from __future__ import annotations

from collections.abc import Iterable

from flowkit.plugin import ClientProvider, Datastore, Provider, hookimpl


def _blobs() -> type[Datastore]:
    from flowkit_azure.azure_datastore import AzureDatastore

    return AzureDatastore


def _azure() -> type[ClientProvider]:
    from flowkit_azure.azure_clients import AzureClients

    return AzureClients


@hookimpl
def flowkit_datastores() -> Iterable[Provider[type[Datastore]]]:
    """The store ``azure``."""
    yield Provider("azure", _blobs, help="Azure Blob Storage: azure://CONTAINER/PREFIX")


@hookimpl
def flowkit_client_providers() -> Iterable[Provider[type[ClientProvider]]]:
    """The clients ``azure``."""
    yield Provider("azure", _azure, help="clients of Azure from a key, a token, or an identity that the SDK finds")
