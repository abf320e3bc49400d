"""``flowkit configure azure``."""

from __future__ import annotations

import os

from flowkit.plugin import Found, Location, Question, configure_command

__all__ = ["configure"]


def _account() -> Found | None:
    value = os.environ.get("AZURE_STORAGE_ACCOUNT")
    return Found(value, "AZURE_STORAGE_ACCOUNT") if value else None


def _tenant() -> Found | None:
    value = os.environ.get("AZURE_TENANT_ID")
    return Found(value, "AZURE_TENANT_ID") if value else None


configure = configure_command(
    "azure",
    "Store artifacts in Azure Blob Storage: ask for account, container and identity, and write them to a "
    "configuration file.",
    [
        Question(
            "DATASTORE_SYSROOT_AZURE",
            "--datastore-root",
            "Where artifacts go, as azure://CONTAINER/PREFIX",
            required=True,
            check=lambda root: Location.parse(root, "azure"),
        ),
        Question("AZURE_ACCOUNT", "--account", "Name of the storage account", required=True, find=_account),
        Question(
            "AZURE_CREDENTIAL",
            "--credential",
            "Where the identity comes from (default, cli, environment, managed, workload)",
            choices=("default", "cli", "environment", "managed", "workload"),
        ),
        Question("AZURE_ACCOUNT_KEY", "--account-key", "Key of the account, in place of an identity", is_secret=True),
        Question("AZURE_SAS_TOKEN", "--sas-token", "Shared access signature", is_secret=True, by_option_only=True),
        Question("AZURE_TENANT_ID", "--tenant-id", "Tenant of the identity", by_option_only=True, find=_tenant),
        Question("AZURE_CLIENT_ID", "--client-id", "The managed or workload identity", by_option_only=True),
        Question(
            "AZURE_ENDPOINT_URL",
            "--endpoint-url",
            "Address of the account's service, if it isn't https://ACCOUNT.blob.core.windows.net",
            by_option_only=True,
        ),
        Question("AZURE_CA_BUNDLE", "--ca-bundle", "File of certificates to trust", by_option_only=True),
    ],
    "azure",
)
