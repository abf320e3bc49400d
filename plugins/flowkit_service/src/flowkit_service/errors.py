"""What can go wrong with a service."""

from __future__ import annotations

from flowkit.plugin import MetadataError

__all__ = ["ServiceError"]


class ServiceError(MetadataError):
    """A metadata service can't be started or reached, or refuses."""

    headline = "Metadata service"
