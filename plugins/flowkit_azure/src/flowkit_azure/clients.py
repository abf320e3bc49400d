"""How clients of Azure are configured; each is built once a process, whatever capability asks for it."""

from __future__ import annotations

from flowkit.plugin import ClientProvider, CloudClients

__all__ = ["AZURE"]


def _azure() -> type[ClientProvider]:
    from flowkit_azure.azure_clients import AzureClients

    return AzureClients


#: ``AZURE.client("blob", "DATASTORE")`` is the client that is configured for that.
AZURE = CloudClients(
    "AZURE",
    {
        "ACCOUNT": "name of the storage account",
        "ENDPOINT_URL": "address of the account's service, if it isn't https://ACCOUNT.blob.core.windows.net",
        "CONNECTION_STRING": "the account's address and key in one, as the portal shows it",
        "ACCOUNT_KEY": "key of the account",
        "SAS_TOKEN": "shared access signature",
        "CREDENTIAL": "where an identity comes from: default, cli, environment, managed or workload",
        "TENANT_ID": "tenant of the identity",
        "CLIENT_ID": "the managed or workload identity, where a machine has several",
        "CA_BUNDLE": "file of certificates to trust",
        "CLIENT_PARAMS": "JSON object of arguments for the SDK's client",
    },
    "azure",
    _azure,
    aliases={"ENDPOINT_URL": "AZURE_STORAGE_BLOB_SERVICE_ENDPOINT"},
)
