"""``flowkit configure aws`` and ``flowkit status --check`` on a server of S3."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.need import need_module
from support.project import Project
from support.servers.moto import serve_moto
from support.servers.process import free_port

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
#: Requests before the server asks who somebody is.
SET_UP = 5


def configure(project: Project, address: str, bucket: str) -> None:
    project.flowkit(
        "configure", "aws", "--datastore-root", f"s3://{bucket}/prefix", "--region", "us-east-1",
        "--endpoint-url", address, check=True,
    )  # fmt: skip


def verdicts(project: Project, **env: str) -> tuple[int, list[bool | None], str]:
    done = project.flowkit("status", "--check", "--json", env={**KEYS, **env})
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)["check"]
    return done.returncode, [one["ok"] for one in found], " ".join(one["message"] for one in found)


def test_what_was_configured_works_and_leaves_nothing(project: Project, aws: str, s3: Any, bucket: str) -> None:
    configure(project, aws, bucket)
    assert verdicts(project)[:2] == (0, [True] * 6)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_defaults_come_from_the_tools_own_configuration(project: Project, tmp_path: Path) -> None:
    need_module("boto3")
    config = tmp_path / "config"
    config.write_text("[profile research]\nregion = eu-north-1\n")
    env = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "research"}
    done = project.flowkit("configure", "aws", "--datastore-root", "s3://b/p", env=env, check=True)
    assert "--aws-profile research: from AWS_PROFILE" in done.stderr
    assert f"--region eu-north-1: from {config}" in done.stderr
    written = json.loads((project.home / ".flowkitconfig/config.json").read_text())
    assert written["FLOWKIT_AWS_REGION"] == "eu-north-1"


def test_a_missing_bucket(project: Project, aws: str) -> None:
    configure(project, aws, f"bucket-{uuid.uuid4().hex}")
    code, found, text = verdicts(project)
    assert (code, found) == (1, [True, False, None, False, None, True])
    assert "create the bucket, or correct --datastore-root" in text


def test_an_endpoint_that_cannot_be_reached(project: Project) -> None:
    need_module("boto3")
    configure(project, f"http://127.0.0.1:{free_port()}", "bucket")
    code, found, text = verdicts(
        project, FLOWKIT_AWS_CLIENT_PARAMS='{"config": {"retries": {"total_max_attempts": 1}}}'
    )
    assert (code, found) == (1, [True, False, None, None, None, True])
    assert "can be reached, and FLOWKIT_S3_ENDPOINT_URL" in text


def test_no_credentials(project: Project, aws: str, bucket: str, tmp_path: Path) -> None:
    configure(project, aws, bucket)
    nothing = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "")
    files = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    code, found, text = verdicts(project, **nothing, **files)
    assert (code, found[1]) == (1, False)
    assert "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in text


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, str]]]:
    """A server that checks keys and policies, and the keys of a user who may only read; the bucket is ``strict``."""
    need_module("moto")
    import boto3

    monkeypatch.setenv("INITIAL_NO_AUTH_ACTION_COUNT", str(SET_UP))
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with serve_moto(tmp_path) as address:
        session = boto3.session.Session(region_name="us-east-1")
        iam, s3 = session.client("iam", endpoint_url=address), session.client("s3", endpoint_url=address)
        s3.create_bucket(Bucket="strict")
        iam.create_user(UserName="reader")
        allowed = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
        key = iam.create_access_key(UserName="reader")["AccessKey"]
        s3.list_buckets()
        yield address, {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def test_wrong_keys_and_who_may_only_read(project: Project, strict: tuple[str, dict[str, str]]) -> None:
    address, keys = strict
    configure(project, address, "strict")
    code, found, text = verdicts(project, **keys)
    assert (code, found) == (1, [True, False, None, True, None, True])
    assert "AccessDenied" in text
    assert "the policy in docs/how-to/store-on-aws.md" in text
    code, found, text = verdicts(project)
    assert (code, found[1]) == (1, False)
    assert "InvalidAccessKeyId" in text
    code, found, text = verdicts(project, **{**keys, "AWS_SECRET_ACCESS_KEY": "wrong"})
    assert (code, found[1]) == (1, False)
    assert "the secret key is not the access key's" in text
