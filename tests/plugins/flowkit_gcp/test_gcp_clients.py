"""Clients of Google Cloud: how they are configured, and what is said when they don't do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flowkit.errors import ConfigurationError, DatastoreError
from flowkit_gcp import gs_datastore
from flowkit_gcp.clients import GCP
from flowkit_gcp.gs_datastore import GSDatastore
from support.servers.connecting import connecting_counted, first_patience_ended
from support.servers.other import another_server_is_told
from support.servers.process import free_port


def test_registering_imports_no_sdk() -> None:
    code = (
        "import sys; import flowkit_gcp.plugin as p;"
        "list(p.flowkit_datastores()); list(p.flowkit_client_providers());"
        "print([name for name in ('google.auth', 'google.cloud.storage', 'requests') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_two_capabilities_may_use_two_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_GCP_CREDENTIAL", "anonymous")
    monkeypatch.setenv("FLOWKIT_GCP_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("FLOWKIT_ARCHIVE_GCP_ENDPOINT_URL", "http://127.0.0.1:2")
    endpoints = [GCP.client("storage", capability).get().api_endpoint for capability in ("DATASTORE", "ARCHIVE")]
    assert endpoints == ["http://127.0.0.1:1", "http://127.0.0.1:2"]


@pytest.mark.parametrize("content", [None, "{}"], ids=["missing", "malformed"])
def test_credentials_are_looked_for_at_the_first_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("FLOWKIT_GCP_CREDENTIALS_FILE", str(file))
    store = GSDatastore.open("gs://bucket")
    for action in (lambda: store.put("F/a", [b"x"]), lambda: store.get("F/a"), lambda: store.info("F/a")):
        with pytest.raises(DatastoreError, match=r"gs://bucket/F/a failed: .*gcloud auth application-default login"):
            action()
    store.close()


def test_an_unknown_kind_of_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_GCP_CREDENTIAL", "guess")
    with pytest.raises(ConfigurationError, match=r"FLOWKIT_GCP_CREDENTIAL must be default or anonymous.*'guess'"):
        GSDatastore.open("gs://bucket")


def test_client_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_GCP_CREDENTIAL", "anonymous")
    monkeypatch.setenv("FLOWKIT_STORAGE_CLIENT_PARAMS", json.dumps({"project": "mine"}))
    assert GCP.client("storage", "DATASTORE").get().project == "mine"


def test_an_unreachable_service(project_of_tests: str, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("FLOWKIT_GCP_ENDPOINT_URL", address)
    quick = gs_datastore._RETRY.with_timeout(0.5)
    monkeypatch.setattr(gs_datastore, "_RETRY", quick)
    monkeypatch.setitem(gs_datastore._TIMES, "retry", quick)
    store = GSDatastore.open("gs://bucket")
    for action in (lambda: store.put("F/a", [b"x"]), lambda: store.get("F/a"), lambda: store.info("F/a")):
        with pytest.raises(DatastoreError, match=rf"gs://bucket/F/a.*check that {address}"):
            action()
    store.close()


def test_a_service_that_has_never_answered_is_given_up_soon(
    project_of_tests: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK would try again and again for a minute; in one line is said what is wrong."""
    port = free_port()
    monkeypatch.setenv("FLOWKIT_GCP_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    store = GSDatastore.open("gs://bucket")
    said = rf"/F.* failed: connection refused; check that \S+{port}"
    for action in (lambda: store.put("F/a", [b"x"]), lambda: store.get("F/a"), lambda: list(store.list("F"))):
        with first_patience_ended(), connecting_counted() as ports, pytest.raises(DatastoreError, match=said) as caught:
            action()
        assert ports == [port]
        assert "\n" not in str(caught.value)
    store.close()


def test_another_server_at_the_address(project_of_tests: str, monkeypatch: pytest.MonkeyPatch) -> None:
    another_server_is_told(monkeypatch, "FLOWKIT_GCP_ENDPOINT_URL", lambda: GSDatastore.open("gs://bucket"))


def test_arguments_that_the_sdk_does_not_know(project_of_tests: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_GCP_CLIENT_PARAMS", '{"foo": 1}')
    with pytest.raises(ConfigurationError, match=r"'foo'; see FLOWKIT_GCP_CLIENT_PARAMS"):
        GSDatastore.open("gs://bucket")


def test_anonymous_and_a_file_of_credentials(project_of_tests: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_GCP_CREDENTIALS_FILE", "/nope")
    with pytest.raises(ConfigurationError, match=r"is 'anonymous', and FLOWKIT_GCP_CREDENTIALS_FILE is set, too"):
        GSDatastore.open("gs://bucket")
