"""What this distribution offers. Nothing here imports the SDK before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flowkit.plugin import ClientProvider, Datastore, Provider, SecretsProvider, hookimpl

if TYPE_CHECKING:
    from types import ModuleType

    from flowkit.plugin import DataClient

#: What users import from ``flowkit``, and what ``flowkit.datatools.gs`` has.
_EXPORTS = (
    "GS",
    "GSAccessDenied",
    "GSException",
    "GSGetObject",
    "GSInsufficientDiskSpace",
    "GSInvalidObject",
    "GSInvalidRange",
    "GSNotFound",
    "GSObject",
    "GSPutObject",
    "GSURLException",
)


def _gs() -> type[Datastore]:
    from flowkit_gcp.gs_datastore import GSDatastore

    return GSDatastore


def _gcp() -> type[ClientProvider]:
    from flowkit_gcp.gcp_clients import GCPClients

    return GCPClients


def _secrets() -> type[SecretsProvider]:
    from flowkit_gcp.secret_manager import GCPSecretManager

    return GCPSecretManager


def _data_tools() -> ModuleType:
    from flowkit_gcp import data_tools

    return data_tools


def _data_client() -> type[DataClient]:
    from flowkit_gcp.data_tools.gs import GSDataClient

    return GSDataClient


def _export(name: str) -> Callable[[], Any]:
    return lambda: getattr(_data_tools(), name)


def _configure() -> Any:
    from flowkit_gcp.configure import configure

    return configure


@hookimpl
def flowkit_datastores() -> Iterable[Provider[type[Datastore]]]:
    """The store ``gs``."""
    yield Provider("gs", _gs, help="Google Cloud Storage: gs://BUCKET/PREFIX")


@hookimpl
def flowkit_secrets_providers() -> Iterable[Provider[type[SecretsProvider]]]:
    """The secrets ``gcp-secret-manager``."""
    yield Provider("gcp-secret-manager", _secrets, help="GCP Secret Manager: projects/PROJECT/secrets/NAME")


@hookimpl
def flowkit_client_providers() -> Iterable[Provider[type[ClientProvider]]]:
    """The clients ``gcp``."""
    yield Provider("gcp", _gcp, help="clients of Google Cloud from a key file, or what the SDK finds")


@hookimpl
def flowkit_data_clients() -> Iterable[Provider[type[DataClient]]]:
    """Files at ``gs://`` for IncludeFile."""
    yield Provider("gs", _data_client, help="Files in Google Cloud Storage: gs://BUCKET/NAME")


@hookimpl
def flowkit_exports() -> Iterable[Provider[Callable[..., Any]]]:
    """``from flowkit import GS``."""
    for name in _EXPORTS:
        yield Provider(name, _export(name), help="Data tools for Google Cloud Storage")


@hookimpl
def flowkit_modules() -> Iterable[Provider[ModuleType]]:
    """``flowkit.datatools.gs``."""
    yield Provider("datatools.gs", _data_tools, help="Data tools for Google Cloud Storage: GS and more")


@hookimpl
def flowkit_commands() -> Iterable[Provider[Any]]:
    """``flowkit configure gcp``."""
    yield Provider("gcp", _configure, help="Store artifacts in Google Cloud Storage", scope="configure")
