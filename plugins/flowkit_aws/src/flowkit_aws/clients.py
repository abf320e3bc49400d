"""Clients of AWS for every capability, each built once a process."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from flowkit.plugin import ClientProvider, Settings, SharedClient, default_registry
from flowkit_aws.options import read_options

__all__ = ["shared_client"]

_DEFAULT_PROVIDER = "boto3"


def shared_client(service: str, capability: str) -> SharedClient[Any]:
    """The client of ``service`` that is configured for ``capability``: the same for all who ask for the same.

    Raises
    ------
    ConfigurationError
        If the configuration can't be used.
    UnknownCapability
        If the client provider that it names isn't installed.
    """
    options = read_options(Settings.load(), service, capability)
    return _shared(service, capability, json.dumps(options, sort_keys=True))


@cache
def _shared(service: str, capability: str, options_text: str) -> SharedClient[Any]:
    options = json.loads(options_text)
    name = options.pop("client_provider", _DEFAULT_PROVIDER)

    def build() -> Any:
        return _provider(name).client(service, {**options, "capability": capability})

    return SharedClient(build, lambda client: client.close())


def _provider(name: str) -> ClientProvider:
    if name == _DEFAULT_PROVIDER:
        from flowkit_aws.boto3_clients import Boto3Clients

        return Boto3Clients()
    kind: type[ClientProvider] = default_registry().get("client_providers", name)
    return kind()
