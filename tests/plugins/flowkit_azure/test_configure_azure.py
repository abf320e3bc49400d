"""``flowkit configure azure`` and ``flowkit status --check`` on a server of Azure Blob Storage."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.need import need_module
from support.project import Project
from support.servers.azurite import AZURITE_ACCOUNT, AZURITE_KEY
from support.servers.process import free_port


def configure(project: Project, address: str, container: str, *credentials: str) -> None:
    project.flowkit(
        "configure", "azure", "--datastore-root", f"azure://{container}/prefix", "--account", AZURITE_ACCOUNT,
        "--endpoint-url", address, *credentials, check=True,
    )  # fmt: skip


def verdicts(project: Project, **env: str) -> tuple[int, list[bool | None], str]:
    done = project.flowkit("status", "--check", "--json", env=env)
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)["check"]
    return done.returncode, [one["ok"] for one in found], " ".join(one["message"] for one in found)


def test_what_was_configured_works_and_leaves_nothing(project: Project, account: str, container: Any) -> None:
    configure(project, account, container.container_name, "--account-key", AZURITE_KEY)
    assert verdicts(project)[:2] == (0, [True] * 6)
    assert list(container.list_blobs()) == []
    shown = project.flowkit("configure", "show", check=True).stdout
    assert AZURITE_KEY not in shown


def test_a_missing_container(project: Project, account: str) -> None:
    configure(project, account, f"c-{uuid.uuid4().hex}", "--account-key", AZURITE_KEY)
    code, found, text = verdicts(project)
    assert (code, found) == (1, [True, False, None, False, None, True])
    assert "create the container, or correct --datastore-root" in text


def test_a_wrong_key(project: Project, account: str, container: Any) -> None:
    configure(project, account, container.container_name, "--account-key", AZURITE_KEY[::-1].strip("=") + "==")
    code, found, text = verdicts(project)
    assert (code, found[1]) == (1, False)
    assert "AuthorizationFailure" in text or "AuthenticationFailed" in text
    assert AZURITE_KEY[::-1][:20] not in text


def test_a_signature_that_may_only_read(project: Project, account: str, container: Any) -> None:
    need_module("azure.storage.blob")
    from azure.storage.blob import ContainerSasPermissions, generate_container_sas

    token = generate_container_sas(
        AZURITE_ACCOUNT,
        container.container_name,
        account_key=AZURITE_KEY,
        permission=ContainerSasPermissions(read=True, list=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    configure(project, account, container.container_name, "--sas-token", token)
    code, found, text = verdicts(project)
    assert (code, found) == (1, [True, False, None, True, None, True])
    assert "the role in docs/how-to/store-on-azure.md" in text


@pytest.mark.long
def test_an_endpoint_that_cannot_be_reached(project: Project) -> None:
    """It is tried for some seconds, and not once more for a listing."""
    need_module("azure.storage.blob")
    configure(project, f"http://127.0.0.1:{free_port()}/x", "container", "--account-key", AZURITE_KEY)
    code, found, text = verdicts(project)
    assert (code, found) == (1, [True, False, None, None, None, True])
    assert "can be reached, and FLOWKIT_AZURE_ACCOUNT" in text
