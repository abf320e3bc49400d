"""The client provider ``azure``: clients of Azure from options."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import Any, ClassVar

import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobServiceClient, ExponentialRetry
from requests.adapters import HTTPAdapter

from flowkit.plugin import ClientProvider, ConfigurationError, patience_for

__all__ = ["PART_SIZE", "AzureClients"]

#: Bytes that one request carries at most.
PART_SIZE = 16 * 1024 * 1024
_PIECE = 1024 * 1024
_CONNECTIONS = 64
_KINDS = ("default", "cli", "environment", "managed", "workload")
_KEYS = ("connection_string", "account_key", "sas_token")


class AzureClients(ClientProvider):
    """Builds clients with the SDK. An identity asks for its token when the first request is made, not before."""

    name: ClassVar[str] = "azure"

    def client(self, service: str, options: Mapping[str, Any]) -> Any:
        """A client of ``service``: ``blob`` for a BlobServiceClient, ``identity`` for a credential, ``keyvault`` for
        the SecretClient of the option ``vault_url``.

        Parameters
        ----------
        options
            Those of :mod:`flowkit_azure.clients`, in lower case; others are passed over.

        Raises
        ------
        ConfigurationError
            If they don't say which account, or the service is another.
        """
        if service == "identity":
            return _identity(options)
        if service == "keyvault":
            return _secret_client(options)
        if service != "blob":
            raise ConfigurationError(
                f"the client provider 'azure' makes clients of blob, identity and keyvault, not {service!r}"
            )
        is_explicit = _kind(options) != "default"
        if is_explicit and (key := next((name for name in _KEYS if options.get(name)), None)):
            raise ConfigurationError(
                f"FLOWKIT_AZURE_CREDENTIAL is {_kind(options)!r}, and FLOWKIT_AZURE_{key.upper()} is set, too: take "
                "one out (FLOWKIT_SECRETS_AZURE_CREDENTIAL is for secrets alone)"
            )
        arguments = {
            "transport": _transport(options.get("ca_bundle")),
            "retry_policy": _Retry(),
            "max_single_put_size": PART_SIZE,
            **options.get("client_params", {}),
        }
        text = options.get("connection_string") or (
            None
            if "account" in options or "endpoint_url" in options or is_explicit
            else os.environ.get("AZURE_STORAGE_CONNECTION_STRING")
        )
        try:
            if text:
                return BlobServiceClient.from_connection_string(text, **arguments)
            return BlobServiceClient(_address(options), credential=_credential(options), **arguments)
        except ValueError as error:
            # The error isn't shown: it may hold the key.
            raise ConfigurationError(
                "FLOWKIT_AZURE_CONNECTION_STRING, _ACCOUNT_KEY or _SAS_TOKEN isn't one: copy it anew from the portal"
            ) from error


def _address(options: Mapping[str, Any]) -> str:
    if address := options.get("endpoint_url"):
        return str(address)
    account = options.get("account") or os.environ.get("AZURE_STORAGE_ACCOUNT")
    if not account:
        raise ConfigurationError("which storage account? set FLOWKIT_AZURE_ACCOUNT, or FLOWKIT_AZURE_ENDPOINT_URL")
    return f"https://{account}.blob.core.windows.net"


def _kind(options: Mapping[str, Any]) -> str:
    """Where an identity comes from. Raises ConfigurationError."""
    kind = str(options.get("credential", "default"))
    if kind not in _KINDS:
        raise ConfigurationError(
            f"FLOWKIT_AZURE_CREDENTIAL must be default, cli, environment, managed or workload, and is {kind!r}"
        )
    return kind


def _credential(options: Mapping[str, Any]) -> Any:
    if _kind(options) != "default":
        return _identity(options)
    if key := options.get("account_key") or os.environ.get("AZURE_STORAGE_KEY"):
        # The name is needed where the address doesn't begin with it.
        account = options.get("account") or os.environ.get("AZURE_STORAGE_ACCOUNT")
        return {"account_name": account, "account_key": key} if account else key
    return options.get("sas_token") or os.environ.get("AZURE_STORAGE_SAS_TOKEN") or _identity(options)


def _secret_client(options: Mapping[str, Any]) -> Any:
    from azure.keyvault.secrets import SecretClient

    arguments = {"transport": _transport(options.get("ca_bundle")), **options.get("client_params", {})}
    return SecretClient(vault_url=options["vault_url"], credential=_identity(options), **arguments)


def _identity(options: Mapping[str, Any]) -> Any:
    from azure import identity

    tenant, client = options.get("tenant_id"), options.get("client_id")
    kind = _kind(options)
    if kind == "default":
        return identity.DefaultAzureCredential(managed_identity_client_id=client, workload_identity_client_id=client)
    if kind == "cli":
        return identity.AzureCliCredential(tenant_id=tenant or "")
    if kind == "environment":
        return identity.EnvironmentCredential()
    if kind == "managed":
        return identity.ManagedIdentityCredential(client_id=client)
    return identity.WorkloadIdentityCredential(tenant_id=tenant, client_id=client)


def _transport(ca_bundle: str | None) -> RequestsTransport:
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=0))
    # The SDK's transport passes its own notion of certificates with each request.
    verify: dict[str, Any] = {"connection_verify": ca_bundle} if ca_bundle else {}
    return _Transport(
        session=session, connection_timeout=10, read_timeout=60, connection_data_block_size=_PIECE, **verify
    )


class _Transport(RequestsTransport):  # type: ignore[misc]
    def send(self, request: Any, **named: Any) -> Any:
        """The answer, of whatever kind: the service is there."""
        response = super().send(request, **named)
        patience_for(request.url).answered()
        return response


class _Retry(ExponentialRetry):
    """Again after 5xx and dropped connections; the SDK's own pauses are of at least several seconds."""

    def __init__(self) -> None:
        super().__init__(retry_total=7)
        self.connect_retries = self.read_retries = self.status_retries = 7

    def increment(self, settings: dict[str, Any], request: Any, response: Any = None, error: Any = None) -> bool:
        """Whether to try again: not if nobody says who we are, nor for long if the service has never answered."""
        if isinstance(error, ClientAuthenticationError):
            return False
        if error is not None and patience_for(request.url).is_at_end(error):
            return False
        return bool(super().increment(settings, request, response, error))

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        """Seconds: up to twice as long each time, by chance."""
        return random.uniform(0, min(20.0, 0.2 * 2 ** int(settings["count"])))
