"""How clients of Google Cloud are configured; each is built once a process, whatever capability asks for it."""

from __future__ import annotations

from flowkit.plugin import ClientProvider, CloudClients

__all__ = ["GCP"]


def _gcp() -> type[ClientProvider]:
    from flowkit_gcp.gcp_clients import GCPClients

    return GCPClients


#: ``GCP.client("storage", "DATASTORE")`` is the client that is configured for that.
GCP = CloudClients(
    "GCP",
    {
        "CREDENTIALS_FILE": "file of a service account's key, or of a workload identity's configuration",
        "CREDENTIAL": "default, or anonymous for a service that asks for none",
        "ROLE": "service account to impersonate, from the credentials that are found otherwise",
        "QUOTA_PROJECT": "project that pays for requests",
        "ENDPOINT_URL": "address of another service with the same interface",
        "CA_BUNDLE": "file of certificates to trust",
        "CLIENT_PARAMS": "JSON object of arguments for the SDK's client",
    },
    "gcp",
    _gcp,
)
