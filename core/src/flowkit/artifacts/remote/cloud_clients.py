"""Clients of a cloud for every capability: how they are configured, built and shared.

An option ``REGION`` of a client is looked for, first found wins:

1. for one capability of FlowKit, as ``FLOWKIT_DATASTORE_AWS_REGION``;
2. for one service, as ``FLOWKIT_S3_REGION``;
3. for the cloud, as ``FLOWKIT_AWS_REGION``;
4. by the SDK itself, in its own variables and files.

So the datastore may use one account, and secrets another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import attrs

from flowkit.artifacts.remote.shared_client import SharedClient
from flowkit.errors import ConfigurationError
from flowkit.interfaces.client_provider import ClientProvider
from flowkit.settings import PREFIX, Settings

__all__ = ["CloudClients"]


@attrs.frozen
class CloudClients:
    """The clients of one cloud. Equal configurations of one process get one client."""

    #: In the names of settings: ``AWS``.
    cloud: str
    #: Names of options, and what they say.
    options: Mapping[str, str] = attrs.field(hash=False)
    #: Name and class of the client provider that is used if the option CLIENT_PROVIDER names no other.
    provider_name: str
    load_provider: Callable[[], type[ClientProvider]]
    #: Those options that are JSON objects.
    objects: frozenset[str] = frozenset({"CLIENT_PARAMS"})
    #: Other names of settings, asked last, by option.
    aliases: Mapping[str, str] = attrs.field(factory=dict, hash=False)

    def options_for(self, service: str, capability: str, settings: Settings | None = None) -> dict[str, Any]:
        """The options that are set, by their names in lower case.

        Parameters
        ----------
        service
            The SDK's name of it: ``s3``.
        capability
            What it is for: ``DATASTORE``, ``SECRETS``.

        Raises
        ------
        ConfigurationError
            If one that is JSON can't be read.
        """
        settings = settings or Settings.load()
        scopes = (f"{capability}_{self.cloud}", service.upper().replace("-", "_"), self.cloud)
        found: dict[str, Any] = {}
        for option in (*self.options, "CLIENT_PROVIDER"):
            names = [f"{scope}_{option}" for scope in scopes]
            for name in (*names, *([self.aliases[option]] if option in self.aliases else ())):
                if (value := settings.get(name)) is not None:
                    found[option.lower()] = self.object_of(name, value) if option in self.objects else value
                    break
        return found

    def client(self, service: str, capability: str, given: Mapping[str, Any] | None = None) -> SharedClient[Any]:
        """The client of ``service`` for ``capability``, built when it is needed.

        Parameters
        ----------
        given
            Options by their names in lower case, in place of those that are set.

        Raises
        ------
        ConfigurationError
            As :meth:`options_for`; what the provider raises comes when the client is built.
        """
        options = {**self.options_for(service, capability), **(given or {})}
        return _shared(self, service, capability, json.dumps(options, sort_keys=True))

    def object_of(self, name: str, text: str) -> dict[str, Any]:
        """The JSON object that the setting ``name`` is. Raises ConfigurationError."""
        return _object(name, text)

    def build(self, service: str, capability: str, options: Mapping[str, Any]) -> Any:
        """A new client from these options. Raises UnknownCapability, and what the provider raises."""
        given = dict(options)
        name = given.pop("client_provider", self.provider_name)
        if name == self.provider_name:
            kind = self.load_provider()
        else:
            from flowkit.kernel.registry import default_registry

            kind = default_registry().get("client_providers", name)
        return kind().client(service, {**given, "capability": capability})


@cache
def _shared(clients: CloudClients, service: str, capability: str, options_text: str) -> SharedClient[Any]:
    options = json.loads(options_text)
    return SharedClient(lambda: clients.build(service, capability, options), lambda client: client.close())


def _object(name: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        # The text isn't shown: it may hold a key.
        raise ConfigurationError(f"{PREFIX}{name} must be a JSON object, such as {{}}")
    return value
