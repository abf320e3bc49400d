"""What this distribution offers. Nothing here imports the SDK before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flowkit.plugin import ClientProvider, Datastore, Provider, SecretsProvider, hookimpl

if TYPE_CHECKING:
    from types import ModuleType

    from flowkit.plugin import DataClient

#: What users import from ``flowkit``, and what ``flowkit.datatools.azure`` has.
_EXPORTS = (
    "AzureBlob",
    "AzureBlobAccessDenied",
    "AzureBlobException",
    "AzureBlobGetObject",
    "AzureBlobInsufficientDiskSpace",
    "AzureBlobInvalidObject",
    "AzureBlobInvalidRange",
    "AzureBlobNotFound",
    "AzureBlobObject",
    "AzureBlobPutObject",
    "AzureBlobURLException",
)


def _blobs() -> type[Datastore]:
    from flowkit_azure.azure_datastore import AzureDatastore

    return AzureDatastore


def _azure() -> type[ClientProvider]:
    from flowkit_azure.azure_clients import AzureClients

    return AzureClients


def _secrets() -> type[SecretsProvider]:
    from flowkit_azure.key_vault import AzureKeyVault

    return AzureKeyVault


def _data_tools() -> ModuleType:
    from flowkit_azure import data_tools

    return data_tools


def _data_client() -> type[DataClient]:
    from flowkit_azure.data_tools.azure_blob import AzureDataClient

    return AzureDataClient


def _short_data_client() -> type[DataClient]:
    from flowkit_azure.data_tools.azure_blob import AzureShortDataClient

    return AzureShortDataClient


def _export(name: str) -> Callable[[], Any]:
    return lambda: getattr(_data_tools(), name)


def _configure() -> Any:
    from flowkit_azure.configure import configure

    return configure


@hookimpl
def flowkit_datastores() -> Iterable[Provider[type[Datastore]]]:
    """The store ``azure``."""
    yield Provider("azure", _blobs, help="Azure Blob Storage: azure://CONTAINER/PREFIX")


@hookimpl
def flowkit_secrets_providers() -> Iterable[Provider[type[SecretsProvider]]]:
    """The secrets ``az-key-vault``."""
    yield Provider("az-key-vault", _secrets, help="Azure Key Vault: https://VAULT.vault.azure.net/secrets/NAME")


@hookimpl
def flowkit_client_providers() -> Iterable[Provider[type[ClientProvider]]]:
    """The clients ``azure``."""
    yield Provider("azure", _azure, help="clients of Azure from a key, a token, or an identity that the SDK finds")


@hookimpl
def flowkit_data_clients() -> Iterable[Provider[type[DataClient]]]:
    """Files at ``azure://`` for IncludeFile."""
    yield Provider("azure", _data_client, help="Files in Azure Blob Storage: azure://CONTAINER/NAME")
    yield Provider("az", _short_data_client, help="Files in Azure Blob Storage: az://CONTAINER/NAME")


@hookimpl
def flowkit_exports() -> Iterable[Provider[Callable[..., Any]]]:
    """``from flowkit import AzureBlob``."""
    for name in _EXPORTS:
        yield Provider(name, _export(name), help="Data tools for Azure Blob Storage")


@hookimpl
def flowkit_modules() -> Iterable[Provider[ModuleType]]:
    """``flowkit.datatools.azure``."""
    yield Provider("datatools.azure", _data_tools, help="Data tools for Azure Blob Storage: AzureBlob and more")


@hookimpl
def flowkit_commands() -> Iterable[Provider[Any]]:
    """``flowkit configure azure``."""
    yield Provider("azure", _configure, help="Store artifacts in Azure Blob Storage", scope="configure")
