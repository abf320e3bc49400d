"""``flowkit configure gcp`` and ``flowkit status --check`` on a server of Cloud Storage."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from support.need import need_module
from support.project import Project
from support.servers.process import free_port


def configure(project: Project, address: str, bucket: str, *options: str) -> None:
    project.flowkit(
        "configure", "gcp", "--datastore-root", f"gs://{bucket}/prefix", "--endpoint-url", address, *options, check=True
    )


def verdicts(project: Project, **env: str) -> tuple[int, list[bool | None], str]:
    done = project.flowkit("status", "--check", "--json", env=env)
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)["check"]
    return done.returncode, [one["ok"] for one in found], " ".join(one["message"] for one in found)


def test_what_was_configured_works_and_leaves_nothing(project: Project, project_of_tests: str, bucket: Any) -> None:
    configure(project, project_of_tests, bucket.name, "--credential", "anonymous")
    assert verdicts(project)[:2] == (0, [True] * 6)
    assert list(bucket.list_blobs()) == []


def test_a_missing_bucket(project: Project, project_of_tests: str) -> None:
    configure(project, project_of_tests, f"bucket-{uuid.uuid4().hex}", "--credential", "anonymous")
    code, found, text = verdicts(project)
    assert (code, found[1]) == (1, False)
    assert "create the bucket, or correct --datastore-root" in text


def test_credentials_that_cannot_be_used(project: Project, project_of_tests: str, bucket: Any, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text("{}")
    configure(project, project_of_tests, bucket.name, "--credentials-file", str(file))
    code, found, text = verdicts(project)
    assert (code, found[1]) == (1, False)
    assert "FLOWKIT_GCP_CREDENTIALS_FILE" in text
    done = project.flowkit("configure", "gcp", "--credentials-file", str(tmp_path / "none"))
    assert done.returncode == 2
    assert f"there is no file {tmp_path / 'none'}" in done.stderr


@pytest.mark.long
def test_an_endpoint_that_cannot_be_reached(project: Project) -> None:
    """It is tried for some seconds, and not once more for a listing."""
    need_module("google.cloud.storage")
    configure(project, f"http://127.0.0.1:{free_port()}", "bucket", "--credential", "anonymous")
    code, found, text = verdicts(project)
    assert (code, found) == (1, [True, False, None, None, None, True])
    assert "can be reached, and FLOWKIT_GCP_ENDPOINT_URL" in text
