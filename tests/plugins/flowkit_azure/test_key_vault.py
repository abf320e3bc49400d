"""Secrets of Azure Key Vault, from a server that speaks its REST interface, over TLS and with its challenge."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from flowkit.errors import ConfigurationError, FlowkitError
from flowkit.testing.project import Project
from flowkit.testing.secrets import Secret, SecretsProviderContract
from flowkit_azure.key_vault import AzureKeyVault
from support.servers.process import free_port
from support.servers.vaults import KeyVault, serve_key_vault

VALUE = "azure-canary-value-2296"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyVault]:
    with serve_key_vault(tmp_path_factory.mktemp("vault")) as vault:
        yield vault


def variables(vault: KeyVault) -> dict[str, str]:
    """A process with these is configured for the vault, with a managed identity."""
    return {
        "FLOWKIT_SECRETS_AZURE_CREDENTIAL": "managed",
        "FLOWKIT_SECRETS_AZURE_CA_BUNDLE": vault.certificate,
        # The vault's own domain isn't that of the service's challenge.
        "FLOWKIT_KEYVAULT_CLIENT_PARAMS": '{"verify_challenge_resource": false}',
        "IDENTITY_ENDPOINT": vault.token_address,
        "IDENTITY_HEADER": "header",
    }


@pytest.fixture
def vault(server: KeyVault, monkeypatch: pytest.MonkeyPatch) -> KeyVault:
    server.secrets.clear()
    server.refuse = None
    for name, value in variables(server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("IMDS_ENDPOINT", raising=False)
    return server


class TestContract(SecretsProviderContract):
    provider_class = AzureKeyVault
    vault: KeyVault

    @pytest.fixture(autouse=True)
    def _server(self, vault: KeyVault) -> None:
        self.vault = vault

    def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
        self.vault.secrets["db"] = {"v1": json.dumps(values)}
        return Secret(f"{self.vault.address}/secrets/db", {"json": True})

    def missing(self, folder: Path) -> Secret:
        return Secret(f"{self.vault.address}/secrets/gone")

    def unreadable(self, folder: Path, value: str) -> Iterable[Secret]:
        texts = (value, f'["{value}"]', f'{{"A": "{value}"', f'{{"a-b": "{value}", "a_b": "x"}}')
        for number, text in enumerate(texts):
            self.vault.secrets[f"broken-{number}"] = {"v": text}
            yield Secret(f"{self.vault.address}/secrets/broken-{number}", {"json": True})
        yield Secret(None)
        yield Secret("http://plain/secrets/x")
        self.vault.refuse = 403
        yield Secret(f"{self.vault.address}/secrets/broken-0")


def test_ids_versions_and_names(vault: KeyVault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.secrets["db-password"] = {"a1": "one", "b2": "two"}
    fetch = AzureKeyVault().fetch
    url = f"{vault.address}/secrets/db-password"
    assert fetch(url, {}) == {"db_password": "two"}
    assert fetch(f"{url}/a1", {"env_var_name": "DB_PASSWORD"}) == {"DB_PASSWORD": "one"}
    with pytest.raises(ConfigurationError, match=r"'db-password' .* is in which vault\?.*_AZURE_KEY_VAULT_PREFIX"):
        fetch("db-password", {})
    monkeypatch.setenv("FLOWKIT_AZURE_KEY_VAULT_PREFIX", f"{vault.address}/")
    assert fetch("db-password", {}) == {"db_password": "two"}
    assert fetch("db-password/a1", {}) == {"db_password": "one"}


def test_refusals(vault: KeyVault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.refuse = 403
    with pytest.raises(FlowkitError, match=r"/secrets/db' .* can't be read: .*; .*Key Vault Secrets User") as caught:
        AzureKeyVault().fetch(f"{vault.address}/secrets/db", {})
    assert "\n" not in caught.value.message
    monkeypatch.setenv("FLOWKIT_KEYVAULT_CLIENT_PARAMS", '{"retry_total": 0, "verify_challenge_resource": false}')
    with pytest.raises(FlowkitError, match=r"can be reached, and FLOWKIT_SECRETS_AZURE_CA_BUNDLE"):
        AzureKeyVault().fetch(f"https://127.0.0.1:{free_port()}/secrets/db", {})
    monkeypatch.setenv("FLOWKIT_SECRETS_AZURE_CREDENTIAL", "environment")
    with pytest.raises(FlowkitError, match=r"can't be read: .*az login"):
        AzureKeyVault().fetch(f"{vault.address}/secrets/db", {})


def test_a_certificate_that_is_not_trusted(vault: KeyVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOWKIT_SECRETS_AZURE_CA_BUNDLE")
    monkeypatch.setenv("FLOWKIT_KEYVAULT_CLIENT_PARAMS", '{"retry_total": 0, "verify_challenge_resource": false}')
    with pytest.raises(FlowkitError, match="FLOWKIT_SECRETS_AZURE_CA_BUNDLE"):
        AzureKeyVault().fetch(f"{vault.address}/secrets/db", {})


FLOW = """
import os
from flowkit import FlowSpec, secrets, step

class VaultFlow(FlowSpec):
    @secrets(sources=["az-key-vault.db-password"])
    @step
    def start(self):
        print("password", os.environ["db_password"])
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    VaultFlow()
"""


def test_a_run_leaves_no_value_behind(vault: KeyVault, flow_project: Project) -> None:
    vault.secrets["db-password"] = {"v": VALUE}
    flow_project.use_plugin("flowkit_azure.plugin")
    flow_project.write("flow.py", FLOW)
    env = {**variables(vault), "FLOWKIT_AZURE_KEY_VAULT_PREFIX": vault.address}
    done = flow_project.run("run", check=True, env=env)
    assert "password ***" in done.stdout
    for file in flow_project.path.rglob("*"):
        assert not file.is_file() or VALUE.encode() not in file.read_bytes(), file
