"""What this distribution offers. Nothing here imports the server or makes a connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flowkit.plugin import Provider, hookimpl

if TYPE_CHECKING:
    from flowkit.plugin import MetadataProvider


def _service() -> type[MetadataProvider]:
    from flowkit_service.client.provider import ServiceMetadata

    return ServiceMetadata


def _command() -> Any:
    from flowkit_service.commands.service import service

    return service


@hookimpl
def flowkit_metadata_providers() -> Iterable[Provider[type[MetadataProvider]]]:
    """The provider ``service``."""
    yield Provider("service", _service, help="A metadata service over HTTP: SERVICE_URL says where")


@hookimpl
def flowkit_commands() -> Iterable[Provider[Any]]:
    """``flowkit service …``."""
    yield Provider("service", _command, help="Run a metadata service, and look after one", scope="flowkit")
