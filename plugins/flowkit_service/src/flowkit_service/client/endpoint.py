"""Which service, and what every request to it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

import attrs

from flowkit.plugin import ConfigurationError, Settings
from flowkit_service.local_service import running

__all__ = ["Endpoint"]


@attrs.frozen
class Endpoint:
    """Where a service is, and the headers that it wants."""

    url: str
    headers: Mapping[str, str]

    @classmethod
    def find(cls, location: str, settings: Settings) -> Endpoint:
        """From an address; where ``location`` is none, from the setting SERVICE_URL, or a service of this machine.

        Raises
        ------
        ConfigurationError
            If nothing says where a service is, or what says so can't be used.
        """
        named = location if "://" in location else settings.get("SERVICE_URL")
        if named is None:
            local = running(settings)
            if local is None:
                raise ConfigurationError(
                    "nothing says where the metadata service is: set FLOWKIT_SERVICE_URL to its address, or start one "
                    "with: flowkit service up"
                )
            named = local.url
        url = named.rstrip("/")
        _check(url)
        return cls(url, _headers(url, settings))

    @property
    def parts(self) -> SplitResult:
        """The address, taken apart."""
        return urlsplit(self.url)


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine:
        raise ConfigurationError(
            f"{url!r} is no address of a metadata service: set FLOWKIT_SERVICE_URL to http://HOST:PORT"
        )


def _headers(url: str, settings: Settings) -> dict[str, str]:
    headers: dict[str, str] = {}
    text = settings.get("SERVICE_HEADERS")
    if text:
        try:
            given = json.loads(text)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            source = settings.source("SERVICE_HEADERS")
            raise ConfigurationError(f"FLOWKIT_SERVICE_HEADERS must be a JSON object ({source})")
        headers.update({str(name): str(value) for name, value in given.items()})
    if key := settings.get("SERVICE_AUTH_KEY"):
        headers["x-api-key"] = key
    if not {"x-api-key", "authorization"} & {name.lower() for name in headers}:
        local = running(settings, url)
        if local is not None and local.token:
            headers["x-api-key"] = local.token
    return headers
