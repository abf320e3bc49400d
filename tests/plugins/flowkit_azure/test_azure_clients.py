"""Clients of Azure: how they are configured, and what is said when they don't do."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from flowkit.errors import ConfigurationError, DatastoreError
from flowkit_azure.azure_datastore import AzureDatastore
from flowkit_azure.clients import AZURE
from support.servers.azurite import AZURITE_ACCOUNT, AZURITE_KEY
from support.servers.connecting import connecting_counted, first_patience_ended
from support.servers.other import another_server_is_told
from support.servers.process import free_port

FAST = json.dumps({"retry_policy": None, "retry_total": 0})


def test_registering_imports_no_sdk() -> None:
    code = (
        "import sys; import flowkit_azure.plugin as p;"
        "list(p.flowkit_datastores()); list(p.flowkit_client_providers());"
        "print([name for name in ('azure', 'requests', 'urllib3') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_two_capabilities_may_use_two_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    for capability, account in (("DATASTORE", "data"), ("ARCHIVE", "archive")):
        monkeypatch.setenv(f"FLOWKIT_{capability}_AZURE_ACCOUNT", account)
        monkeypatch.setenv(f"FLOWKIT_{capability}_AZURE_ACCOUNT_KEY", AZURITE_KEY)
    urls = [AZURE.client("blob", capability).get().url for capability in ("DATASTORE", "ARCHIVE")]
    assert urls == ["https://data.blob.core.windows.net/", "https://archive.blob.core.windows.net/"]


def test_a_connection_string(account: str, container: object, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {
        "DefaultEndpointsProtocol": "http",
        "AccountName": AZURITE_ACCOUNT,
        "AccountKey": AZURITE_KEY,
        "BlobEndpoint": account,
    }
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    for name in ("ENDPOINT_URL", "ACCOUNT", "ACCOUNT_KEY"):
        monkeypatch.delenv(f"FLOWKIT_AZURE_{name}")
    monkeypatch.setenv("FLOWKIT_AZURE_CONNECTION_STRING", text)
    store = AzureDatastore.open(f"azure://{container.container_name}")  # type: ignore[attr-defined]
    store.put("F/a", [b"x"])
    assert store.get("F/a") == b"x"
    store.close()


def test_an_identity_is_looked_for_at_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_AZURE_ACCOUNT", "nobody")
    monkeypatch.setenv("FLOWKIT_AZURE_CREDENTIAL", "environment")
    store = AzureDatastore.open("azure://container")
    with pytest.raises(DatastoreError, match=r"azure://container/F/a \(nobody\) failed: .*az login"):
        store.get("F/a")
    store.close()


def test_no_account_is_said() -> None:
    with pytest.raises(ConfigurationError, match="FLOWKIT_AZURE_ACCOUNT"):
        AzureDatastore.open("azure://container")


def test_a_malformed_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_AZURE_CONNECTION_STRING", "AccountKey=secret")
    with pytest.raises(ConfigurationError, match="FLOWKIT_AZURE_CONNECTION_STRING") as caught:
        AzureDatastore.open("azure://container")
    assert "secret" not in str(caught.value)


def test_an_unreachable_service(account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{free_port()}/{AZURITE_ACCOUNT}"
    monkeypatch.setenv("FLOWKIT_AZURE_ENDPOINT_URL", address)
    monkeypatch.setenv("FLOWKIT_AZURE_CLIENT_PARAMS", FAST)
    store = AzureDatastore.open("azure://container")
    for action in (lambda: store.put("F/a", [b"x"]), lambda: store.get("F/a")):
        with pytest.raises(DatastoreError, match=rf"azure://container/F/a.*check that {address}"):
            action()
    store.close()


def test_a_service_that_never_answered_is_given_up_soon(account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK would try again and again for a minute; in one line is said what is wrong."""
    port = free_port()
    monkeypatch.setenv("FLOWKIT_AZURE_ENDPOINT_URL", f"http://127.0.0.1:{port}/{AZURITE_ACCOUNT}")
    store = AzureDatastore.open("azure://container")
    said = rf"/F.* failed: connection refused; check that \S+{port}"
    for action in (lambda: store.put("F/a", [b"x"]), lambda: store.get("F/a"), lambda: list(store.list("F"))):
        with first_patience_ended(), connecting_counted() as ports, pytest.raises(DatastoreError, match=said) as caught:
            action()
        assert ports == [port]
        assert "\n" not in str(caught.value)
    store.close()


def test_a_wrong_key(account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_AZURE_ACCOUNT_KEY", "AAAA" + AZURITE_KEY[4:])
    store = AzureDatastore.open("azure://container")
    for action in (lambda: store.put("F/a", [b"x"]), lambda: store.get("F/a")):
        with pytest.raises(DatastoreError, match=r"azure://container/F/a.*Auth.*the key"):
            action()
    store.close()


def test_another_server_at_the_address(account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    another_server_is_told(monkeypatch, "FLOWKIT_AZURE_ENDPOINT_URL", lambda: AzureDatastore.open("azure://container"))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("foo", "FLOWKIT_AZURE_CREDENTIAL must be default, cli, environment, managed or workload, and is 'foo'"),
        ("environment", "is 'environment', and FLOWKIT_AZURE_ACCOUNT_KEY is set, too: take one out"),
    ],
)
def test_a_credential_beside_a_key(account: str, monkeypatch: pytest.MonkeyPatch, kind: str, said: str) -> None:
    monkeypatch.setenv("FLOWKIT_AZURE_ACCOUNT_KEY", AZURITE_KEY)
    monkeypatch.setenv("FLOWKIT_AZURE_CREDENTIAL", kind)
    with pytest.raises(ConfigurationError, match=said):
        AzureDatastore.open("azure://container")


def test_an_explicit_credential_counts_before_the_sdks_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.identity import EnvironmentCredential

    from flowkit_azure.azure_clients import AzureClients

    monkeypatch.setenv("AZURE_STORAGE_KEY", AZURITE_KEY)
    client = AzureClients().client("blob", {"account": "one", "credential": "environment"})
    assert isinstance(client.credential, EnvironmentCredential)
    client.close()


def test_a_container_that_cannot_be(account: str) -> None:
    store = AzureDatastore.open("azure://CONT/p")
    with pytest.raises(DatastoreError, match=r"InvalidResourceName: .*lower case letters, digits and hyphens"):
        store.put("F/a", [b"x"])
    store.close()
