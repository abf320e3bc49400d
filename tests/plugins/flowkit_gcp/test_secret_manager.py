"""Secrets of GCP Secret Manager, from a server that speaks its REST interface."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from flowkit.errors import ConfigurationError, FlowkitError
from flowkit.testing.project import Project
from flowkit.testing.secrets import Secret, SecretsProviderContract
from flowkit_gcp.secret_manager import GCPSecretManager
from support.servers.process import free_port
from support.servers.vaults import SecretManager, serve_secret_manager

VALUE = "gcp-canary-value-7310"
SECRET = "projects/p-1/secrets/db"


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretManager]:
    """A server, for which this process is configured; the datastore's endpoint is another."""
    with serve_secret_manager() as server:
        monkeypatch.setenv("FLOWKIT_SECRETS_GCP_ENDPOINT_URL", server.address)
        monkeypatch.setenv("FLOWKIT_GCP_ENDPOINT_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("FLOWKIT_GCP_CREDENTIAL", "anonymous")
        yield server


class TestContract(SecretsProviderContract):
    provider_class = GCPSecretManager
    manager: SecretManager

    @pytest.fixture(autouse=True)
    def _server(self, manager: SecretManager) -> None:
        self.manager = manager

    def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
        self.manager.secrets[SECRET] = [json.dumps(values).encode()]
        return Secret(SECRET, {"json": True})

    def missing(self, folder: Path) -> Secret:
        return Secret("projects/p-1/secrets/gone")

    def unreadable(self, folder: Path, value: str) -> Iterable[Secret]:
        texts = (value, f'["{value}"]', f'{{"A": "{value}"', f'{{"a-b": "{value}", "a_b": "x"}}')
        for number, text in enumerate(texts):
            name = f"projects/p-1/secrets/broken-{number}"
            self.manager.secrets[name] = [text.encode()]
            yield Secret(name, {"json": True})
        self.manager.secrets[SECRET] = [value.encode() + b"\xff", None]
        yield Secret(f"{SECRET}/versions/1", {"json": True})
        yield Secret(f"{SECRET}/versions/2")
        yield Secret(None)
        yield Secret("projects/p-1/elsewhere/x")
        for body in (value, json.dumps({"payload": value}), json.dumps({"payload": {"data": value + "="}})):
            self.manager.answers = [(200, body.encode())]
            yield Secret(SECRET)
        damaged = {"data": base64.b64encode(value.encode()).decode(), "dataCrc32c": "1"}
        self.manager.answers = [(200, json.dumps({"payload": damaged}).encode())]
        yield Secret(SECRET)


def test_ids_versions_and_names(manager: SecretManager, monkeypatch: pytest.MonkeyPatch) -> None:
    manager.secrets[SECRET] = [b"one", b"two"]
    manager.secrets["projects/p-1/locations/europe-west1/secrets/db"] = [b"regional"]
    manager.secrets["projects/p-1/secrets/team-db"] = [b"of the team"]
    fetch = GCPSecretManager().fetch
    assert fetch(SECRET, {}) == {"db": "two"}
    assert fetch(f"{SECRET}/versions/1", {"env_var_name": "DB_PASSWORD"}) == {"DB_PASSWORD": "one"}
    assert fetch("projects/p-1/locations/europe-west1/secrets/db", {}) == {"db": "regional"}
    with pytest.raises(ConfigurationError, match=r"'db' .* is in which project\? .*_GCP_SECRET_MANAGER_PREFIX"):
        fetch("db", {})
    for prefix in ("projects/p-1/secrets/", "projects/p-1/secrets"):
        monkeypatch.setenv("FLOWKIT_GCP_SECRET_MANAGER_PREFIX", prefix)
        assert fetch("db", {}) == {"db": "two"}
    monkeypatch.setenv("FLOWKIT_GCP_SECRET_MANAGER_PREFIX", "projects/p-1/secrets/team-")
    assert fetch("db/versions/1", {}) == {"team_db": "of the team"}


def test_binary_secrets(manager: SecretManager) -> None:
    manager.secrets[SECRET] = [b"\x00\xfe"]
    assert GCPSecretManager().fetch(SECRET, {}) == {"db": base64.b64encode(b"\x00\xfe").decode()}
    manager.secrets[SECRET] = [b"text"]
    assert GCPSecretManager().fetch(SECRET, {"binary": True}) == {"db": base64.b64encode(b"text").decode()}


@pytest.mark.parametrize(
    ("status", "mend"),
    [
        (403, r"roles/secretmanager\.secretAccessor"),
        (404, "check the project"),
    ],
)
def test_refusals(manager: SecretManager, status: int, mend: str) -> None:
    body = {"error": {"code": status, "message": "Permission denied\non it", "status": "X"}}
    manager.answers = [(status, json.dumps(body).encode())]
    with pytest.raises(FlowkitError, match=f"'{SECRET}' .* can't be read: {status}: Permission denied on it; .*{mend}"):
        GCPSecretManager().fetch(SECRET, {})


def test_busy_services_are_asked_again(manager: SecretManager) -> None:
    manager.secrets[SECRET] = [b"text"]
    manager.answers = [(503, b"{}"), (429, b"{}")]
    assert GCPSecretManager().fetch(SECRET, {}) == {"db": "text"}
    assert len(manager.requests) == 3


def test_a_token_that_is_refused_and_cannot_be_renewed(manager: SecretManager) -> None:
    manager.answers = [(401, b"{}")] * 4
    with pytest.raises(FlowkitError, match=f"'{SECRET}' .*gcloud auth application-default login"):
        GCPSecretManager().fetch(SECRET, {})


def test_no_server_and_no_credentials(manager: SecretManager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLOWKIT_SECRETS_GCP_CREDENTIAL", "default")
    monkeypatch.setenv("FLOWKIT_SECRETS_GCP_CREDENTIALS_FILE", str(tmp_path / "gone.json"))
    with pytest.raises(FlowkitError, match=r"reading the secret .*FLOWKIT_SECRETS_GCP_CREDENTIALS_FILE"):
        GCPSecretManager().fetch(SECRET, {})
    monkeypatch.delenv("FLOWKIT_SECRETS_GCP_CREDENTIALS_FILE")
    monkeypatch.setenv("FLOWKIT_SECRETS_GCP_CREDENTIAL", "anonymous")
    monkeypatch.setenv("FLOWKIT_SECRETS_GCP_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr("flowkit_gcp.gcp_clients._RETRY", 0)
    with pytest.raises(FlowkitError, match=r"reading the secret .* can be reached, and FLOWKIT_SECRETS_GCP_ENDPOINT"):
        GCPSecretManager().fetch(SECRET, {})


FLOW = """
import os
from flowkit import FlowSpec, secrets, step

class VaultFlow(FlowSpec):
    @secrets(sources=[{"type": "gcp-secret-manager", "id": "db", "options": {"env_var_name": "DB_PASSWORD"}}])
    @step
    def start(self):
        print("password", os.environ["DB_PASSWORD"])
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    VaultFlow()
"""


def test_a_run_leaves_no_value_behind(manager: SecretManager, flow_project: Project) -> None:
    manager.secrets[SECRET] = [VALUE.encode()]
    flow_project.use_plugin("flowkit_gcp.plugin")
    flow_project.write("flow.py", FLOW)
    env = {
        "FLOWKIT_SECRETS_GCP_ENDPOINT_URL": manager.address,
        "FLOWKIT_GCP_CREDENTIAL": "anonymous",
        "FLOWKIT_GCP_SECRET_MANAGER_PREFIX": "projects/p-1/secrets/",
    }
    done = flow_project.run("run", check=True, env=env)
    assert "password ***" in done.stdout
    for file in flow_project.path.rglob("*"):
        assert not file.is_file() or VALUE.encode() not in file.read_bytes(), file
