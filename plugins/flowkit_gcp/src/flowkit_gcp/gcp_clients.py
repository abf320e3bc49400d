"""The client provider ``gcp``: clients of Google Cloud from options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Client
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException
from urllib3.util import Retry

from flowkit.plugin import ClientProvider, ConfigurationError, patience_for
from flowkit_gcp.credentials import LazyCredentials

__all__ = ["GCPClients"]

_CONNECTIONS = 64
#: Again after throttling, 5xx and dropped connections, with exponential pauses and jitter.
_RETRY = Retry(
    total=5, backoff_factor=0.2, backoff_jitter=0.2, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
)


class GCPClients(ClientProvider):
    """Builds clients with the SDK. Credentials are looked for when the first request is made, not before."""

    name: ClassVar[str] = "gcp"

    def client(self, service: str, options: Mapping[str, Any]) -> Any:
        """A client of ``service``: ``storage``; or of ``secretmanager``, a session for its REST interface.

        Parameters
        ----------
        options
            Those of :mod:`flowkit_gcp.clients`, in lower case; others are passed over.

        Raises
        ------
        ConfigurationError
            If an option has no such value, or the service is another.
        """
        if service == "secretmanager":
            return _session(options, _RETRY)
        if service != "storage":
            raise ConfigurationError(
                f"the client provider 'gcp' makes clients of storage and secretmanager, not {service!r}"
            )
        # The SDK tries again by itself.
        session = _session(options, 0)
        endpoint = options.get("endpoint_url")
        arguments = {"client_options": {"api_endpoint": endpoint}} if endpoint else {}
        # No request on objects needs a project; the SDK would make a connection to find one.
        parameters = {"project": "<none>", **arguments, **options.get("client_params", {})}
        try:
            client = Client(**parameters, credentials=session.credentials, _http=session)
        except (TypeError, ValueError) as error:
            raise ConfigurationError(
                f"no client for storage can be made: {error}; see FLOWKIT_GCP_CLIENT_PARAMS and _ENDPOINT_URL"
            ) from error
        # Newer SDKs ask for the bucket's metadata in a thread of their own, to add it to traces.
        client._bucket_metadata_cache = None
        return client


def _session(options: Mapping[str, Any], retries: Retry | int) -> AuthorizedSession:
    session = AuthorizedSession(_credentials(options))
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(pool_maxsize=_CONNECTIONS, max_retries=retries))
    if bundle := options.get("ca_bundle"):
        session.verify = bundle
    return session


class _Adapter(HTTPAdapter):
    """Ends the SDK's attempts early if the service has never answered, and refuses connections."""

    def send(self, request: PreparedRequest, *arguments: Any, **named: Any) -> Response:
        """The answer. Raises RequestException, of a kind that the SDK doesn't try again after if that is the end."""
        patience = patience_for(str(request.url))
        try:
            response = super().send(request, *arguments, **named)
        except NoConnection as error:
            if patience.is_at_end(error):
                raise RequestException(*error.args, request=request) from error
            raise
        patience.answered()
        return response


def _credentials(options: Mapping[str, Any]) -> Any:
    kind = options.get("credential", "default")
    if kind == "anonymous":
        if options.get("credentials_file"):
            raise ConfigurationError(
                "FLOWKIT_GCP_CREDENTIAL is 'anonymous', and FLOWKIT_GCP_CREDENTIALS_FILE is set, too: take one out"
            )
        return AnonymousCredentials()
    if kind == "default":
        return LazyCredentials(options)
    raise ConfigurationError(f"FLOWKIT_GCP_CREDENTIAL must be default or anonymous, and is {kind!r}")
