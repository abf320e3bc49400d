"""What this distribution offers. Nothing here imports the SDK before it is used."""

from __future__ import annotations

from collections.abc import Iterable

from flowkit.plugin import ClientProvider, Datastore, Provider, hookimpl


def _s3() -> type[Datastore]:
    from flowkit_aws.s3_datastore import S3Datastore

    return S3Datastore


def _boto3() -> type[ClientProvider]:
    from flowkit_aws.boto3_clients import Boto3Clients

    return Boto3Clients


@hookimpl
def flowkit_datastores() -> Iterable[Provider[type[Datastore]]]:
    """The store ``s3``."""
    yield Provider("s3", _s3, help="Amazon S3, or a service with its interface: s3://BUCKET/PREFIX")


@hookimpl
def flowkit_client_providers() -> Iterable[Provider[type[ClientProvider]]]:
    """The clients ``boto3``."""
    yield Provider("boto3", _boto3, help="clients of AWS from a profile, a role, or what the SDK finds")
