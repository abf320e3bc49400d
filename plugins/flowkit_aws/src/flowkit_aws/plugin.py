"""What this distribution offers. Nothing here imports the SDK before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flowkit.plugin import ClientProvider, Datastore, Provider, SecretsProvider, hookimpl

if TYPE_CHECKING:
    from types import ModuleType

    from flowkit.plugin import DataClient

#: What users import from ``flowkit``, and what ``flowkit.datatools.s3`` has.
_EXPORTS = (
    "S3",
    "S3AccessDenied",
    "S3Exception",
    "S3GetObject",
    "S3InsufficientDiskSpace",
    "S3InvalidObject",
    "S3InvalidRange",
    "S3NotFound",
    "S3Object",
    "S3PutObject",
    "S3URLException",
)


def _s3() -> type[Datastore]:
    from flowkit_aws.s3_datastore import S3Datastore

    return S3Datastore


def _boto3() -> type[ClientProvider]:
    from flowkit_aws.boto3_clients import Boto3Clients

    return Boto3Clients


def _data_tools() -> ModuleType:
    from flowkit_aws import data_tools

    return data_tools


def _data_client() -> type[DataClient]:
    from flowkit_aws.data_tools.s3 import S3DataClient

    return S3DataClient


def _export(name: str) -> Callable[[], Any]:
    return lambda: getattr(_data_tools(), name)


def _secrets() -> type[SecretsProvider]:
    from flowkit_aws.secrets_manager import AWSSecretsManager

    return AWSSecretsManager


def _configure() -> Any:
    from flowkit_aws.configure import configure

    return configure


@hookimpl
def flowkit_datastores() -> Iterable[Provider[type[Datastore]]]:
    """The store ``s3``."""
    yield Provider("s3", _s3, help="Amazon S3, or a service with its interface: s3://BUCKET/PREFIX")


@hookimpl
def flowkit_secrets_providers() -> Iterable[Provider[type[SecretsProvider]]]:
    """The secrets ``aws-secrets-manager``."""
    yield Provider("aws-secrets-manager", _secrets, help="AWS Secrets Manager: a secret's name or ARN")


@hookimpl
def flowkit_client_providers() -> Iterable[Provider[type[ClientProvider]]]:
    """The clients ``boto3``."""
    yield Provider("boto3", _boto3, help="clients of AWS from a profile, a role, or what the SDK finds")


@hookimpl
def flowkit_data_clients() -> Iterable[Provider[type[DataClient]]]:
    """Files at ``s3://`` for IncludeFile."""
    yield Provider("s3", _data_client, help="Files in S3: s3://BUCKET/NAME")


@hookimpl
def flowkit_exports() -> Iterable[Provider[Callable[..., Any]]]:
    """``from flowkit import S3``."""
    for name in _EXPORTS:
        yield Provider(name, _export(name), help="Data tools for S3")


@hookimpl
def flowkit_modules() -> Iterable[Provider[ModuleType]]:
    """``flowkit.datatools.s3``."""
    yield Provider("datatools.s3", _data_tools, help="Data tools for S3: S3, S3GetObject, S3PutObject, errors")


@hookimpl
def flowkit_commands() -> Iterable[Provider[Any]]:
    """``flowkit configure aws``."""
    yield Provider("aws", _configure, help="Store artifacts in Amazon S3", scope="configure")
