"""The client provider ``gcp``: clients of Cloud Storage from options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Client
from requests.adapters import HTTPAdapter

from flowkit.plugin import ClientProvider, ConfigurationError
from flowkit_gcp.credentials import LazyCredentials

__all__ = ["GCPClients"]

_CONNECTIONS = 64


class GCPClients(ClientProvider):
    """Builds clients with the SDK. Credentials are looked for when the first request is made, not before."""

    name: ClassVar[str] = "gcp"

    def client(self, service: str, options: Mapping[str, Any]) -> Any:
        """A client of ``service``: ``storage``.

        Parameters
        ----------
        options
            Those of :mod:`flowkit_gcp.clients`, in lower case; others are passed over.

        Raises
        ------
        ConfigurationError
            If an option has no such value, or the service is another.
        """
        if service != "storage":
            raise ConfigurationError(f"the client provider 'gcp' makes clients of storage, not {service!r}")
        session = AuthorizedSession(_credentials(options))
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=0))
        if bundle := options.get("ca_bundle"):
            session.verify = bundle
        endpoint = options.get("endpoint_url")
        arguments = {"client_options": {"api_endpoint": endpoint}} if endpoint else {}
        # No request on objects needs a project; the SDK would make a connection to find one.
        client = Client(
            **{"project": "<none>", **arguments, **options.get("client_params", {})},
            credentials=session.credentials,
            _http=session,
        )
        # Newer SDKs ask for the bucket's metadata in a thread of their own, to add it to traces.
        client._bucket_metadata_cache = None
        return client


def _credentials(options: Mapping[str, Any]) -> Any:
    kind = options.get("credential", "default")
    if kind == "anonymous":
        return AnonymousCredentials()
    if kind == "default":
        return LazyCredentials(options)
    raise ConfigurationError(f"FLOWKIT_GCP_CREDENTIAL must be default or anonymous, and is {kind!r}")
