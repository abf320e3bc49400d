"""Clients of AWS: which credentials and endpoints are used for what, and what is said when they don't do."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowkit.errors import ConfigurationError, DatastoreError
from flowkit_aws.clients import AWS
from flowkit_aws.s3_datastore import S3Datastore
from support.servers.connecting import connecting_counted, first_patience_ended
from support.servers.fault_proxy import FaultProxy, Refuse, fault_proxy
from support.servers.other import another_server_is_told
from support.servers.process import free_port

FAST = json.dumps({"config": {"retries": {"total_max_attempts": 1}, "connect_timeout": 2}})


@pytest.fixture
def proxy(aws: str) -> Iterator[FaultProxy]:
    with fault_proxy(aws) as proxy:
        yield proxy


@pytest.fixture
def store(bucket: str, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Datastore]:
    """Its client is made when a test uses it first."""
    monkeypatch.setenv("FLOWKIT_AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
    yield (store := LateStore(f"s3://{bucket}/x"))
    store.close()


class LateStore(S3Datastore):
    """Reads its configuration at the first request, for tests that change it."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self._shared = _Late()  # type: ignore[assignment]


class _Late:
    def get(self) -> Any:
        return AWS.client("s3", "DATASTORE").get()

    def close(self) -> None:
        AWS.client("s3", "DATASTORE").close()


def access_keys(proxy: FaultProxy) -> list[str]:
    """Of the requests that came by."""
    return [request.headers["Authorization"].split("Credential=")[1].split("/")[0] for request in proxy.requests]


def test_registering_imports_no_sdk() -> None:
    code = (
        "import sys; from flowkit_aws.plugin import *; import flowkit_aws.plugin as p;"
        "list(p.flowkit_datastores()); list(p.flowkit_client_providers());"
        "print([name for name in ('boto3', 'botocore', 'urllib3') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_option_is_taken_from_the_narrowest_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_AWS_REGION", "cloud")
    assert AWS.options_for("s3", "DATASTORE")["region"] == "cloud"
    monkeypatch.setenv("FLOWKIT_S3_REGION", "service")
    assert AWS.options_for("s3", "DATASTORE")["region"] == "service"
    monkeypatch.setenv("FLOWKIT_DATASTORE_AWS_REGION", "capability")
    assert AWS.options_for("s3", "DATASTORE")["region"] == "capability"
    assert AWS.options_for("s3", "SECRETS")["region"] == "service"
    assert AWS.options_for("secretsmanager", "SECRETS")["region"] == "cloud"


def test_two_capabilities_may_use_two_accounts(aws: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profiles = "".join(
        f"[{name}]\naws_access_key_id = KEY{name}\naws_secret_access_key = secret\n" for name in ("data", "vault")
    )
    (tmp_path / "credentials").write_text(profiles)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("FLOWKIT_DATASTORE_AWS_PROFILE", "data")
    monkeypatch.setenv("FLOWKIT_SECRETS_AWS_PROFILE", "vault")
    with fault_proxy(aws) as proxy:
        monkeypatch.setenv("FLOWKIT_AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
        for capability in ("DATASTORE", "SECRETS"):
            shared = AWS.client("sts", capability)
            shared.get().get_caller_identity()
            shared.close()
        assert access_keys(proxy) == ["KEYdata", "KEYvault"]


def test_a_role_is_assumed_when_a_request_needs_it(
    store: S3Datastore, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWKIT_DATASTORE_AWS_ROLE", "arn:aws:iam::123456789012:role/artifacts")
    client = AWS.client("s3", "DATASTORE")
    client.prepare()
    assert proxy.requests == []
    store.put("F/a", [b"x"])
    store.put("F/b", [b"x"])
    first, *others = access_keys(proxy)
    assert first == "testing"
    assert len(others) == 2
    assert all(key.startswith("ASIA") for key in others)


def test_what_was_assumed_from_other_credentials_or_elsewhere_is_not_taken(
    store: S3Datastore, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK's cache of roles is a folder of the user's; by the role alone, one account would get another's."""
    monkeypatch.setenv("FLOWKIT_DATASTORE_AWS_ROLE", "arn:aws:iam::123456789012:role/artifacts")
    identity = AWS.client("sts", "DATASTORE")
    keys = []
    for name in ("testing", "testing", "other"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", name)
        proxy.counted()
        identity.get().get_caller_identity()
        identity.close()
        keys.append(access_keys(proxy))
    assert [len(each) for each in keys] == [2, 1, 2]
    assert keys[0][1] == keys[1][0] != keys[2][1]


def test_a_home_that_cannot_be_written_keeps_no_role(
    store: S3Datastore, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/proc")
    monkeypatch.setenv("FLOWKIT_DATASTORE_AWS_ROLE", "arn:aws:iam::123456789012:role/artifacts")
    store.put("F/a", [b"x"])
    assert len(access_keys(proxy)) == 2


def test_session_variables_and_client_parameters(
    store: S3Datastore, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"aws_access_key_id": "SESSION", "aws_secret_access_key": "x", "aws_session_token": "token"}
    monkeypatch.setenv("FLOWKIT_S3_SESSION_VARS", json.dumps(keys))
    monkeypatch.setenv("FLOWKIT_S3_CLIENT_PARAMS", json.dumps({"config": {"user_agent_extra": "company/7"}}))
    store.put("F/a", [b"x"])
    assert access_keys(proxy) == ["SESSION"]
    assert proxy.requests[0].headers["X-Amz-Security-Token"] == "token"
    assert "company/7" in proxy.requests[0].headers["User-Agent"]


def test_what_is_written_may_be_encrypted(bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_S3_SERVER_SIDE_ENCRYPTION", "AES256")
    store = S3Datastore(f"s3://{bucket}")
    store.put("F/a", [b"x"])
    store.put("F/b", [bytes(store.part_size + 1)])
    for key in ("F/a", "F/b"):
        assert s3.head_object(Bucket=bucket, Key=key)["ServerSideEncryption"] == "AES256"
    store.close()


def test_a_client_provider_of_a_plugin(aws: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "flowkit_plugins.py").write_text(
        "from flowkit.plugin import ClientProvider, Provider, hookimpl\n"
        "class Company(ClientProvider):\n"
        "    name = 'company'\n"
        "    def client(self, service, options):\n"
        "        return (service, options['capability'], options['region'])\n"
        "@hookimpl\n"
        "def flowkit_client_providers():\n"
        "    yield Provider('company', lambda: Company)\n"
    )
    code = "from flowkit_aws.clients import AWS; print(AWS.client('s3', 'DATASTORE').get())"
    (tmp_path / "script.py").write_text(code)
    monkeypatch.setenv("FLOWKIT_AWS_CLIENT_PROVIDER", "company")
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "('s3', 'DATASTORE', 'us-east-1')\n"


@pytest.mark.parametrize("value", ["{", "[]", '"x"'])
def test_a_malformed_option_is_named_and_not_shown(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_DATASTORE_AWS_SESSION_VARS", value)
    with pytest.raises(ConfigurationError, match="FLOWKIT_DATASTORE_AWS_SESSION_VARS must be a JSON object"):
        AWS.client("s3", "DATASTORE")


def test_a_missing_profile(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_AWS_PROFILE", "nobody")
    with pytest.raises(ConfigurationError, match=r"nobody.*FLOWKIT_AWS_PROFILE"):
        S3Datastore.open(f"s3://{bucket}")


def test_no_credentials(store: S3Datastore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLOWKIT_S3_CLIENT_PARAMS", json.dumps({"config": {"user_agent_extra": "none"}}))
    with pytest.raises(DatastoreError, match=r"PUT s3://.*/x/F/a failed: .*credentials.*set FLOWKIT_AWS_PROFILE"):
        store.put("F/a", [b"x"])


def test_an_unreachable_service(store: S3Datastore, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("FLOWKIT_S3_ENDPOINT_URL", address)
    monkeypatch.setenv("FLOWKIT_S3_CLIENT_PARAMS", FAST)
    with pytest.raises(DatastoreError, match=rf"GET s3://.*{address}.*FLOWKIT_S3_ENDPOINT_URL"):
        store.get("F/a")


def test_a_service_that_has_never_answered_is_given_up_soon(
    store: S3Datastore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK would try again and again for a minute; in one line is said what is wrong."""
    port = free_port()
    monkeypatch.setenv("FLOWKIT_S3_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    store = S3Datastore.open("s3://bucket")
    said = rf"/F.* failed: connection refused; check that \S+{port}"
    for action in (lambda: store.put("F/a", [b"x"]), lambda: store.get("F/a"), lambda: list(store.list("F"))):
        with first_patience_ended(), connecting_counted() as ports, pytest.raises(DatastoreError, match=said) as caught:
            action()
        assert ports == [port]
        assert "\n" not in str(caught.value)
    store.close()


def test_a_service_that_stays_broken(store: S3Datastore, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_S3_CLIENT_PARAMS", FAST)
    proxy.choose = lambda request: Refuse(503)
    with pytest.raises(DatastoreError, match=r"PUT s3://.*/x/F/a failed: 503"):
        store.put("F/a", [b"x"])


def test_uploads_that_were_left_are_swept_up(bucket: str, s3: Any) -> None:
    store = S3Datastore(f"s3://{bucket}/x")
    for key in ("x/F/a", "y/F/a"):
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    # moto says of each that it was begun in 2010.
    assert store.remove_leftovers(100 * 365 * 86400) == 0
    assert store.remove_leftovers(3600) == 1
    left = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [upload["Key"] for upload in left] == ["y/F/a"]
    store.close()


def test_parts_of_a_large_object_have_check_sums(store: S3Datastore, proxy: FaultProxy, s3: Any, bucket: str) -> None:
    content = os.urandom(store.part_size + 1)
    store.put("F/a", [content])
    parts = [request.headers for request in proxy.requests if "partNumber" in request.path]
    sums = [zlib.crc32(content[: store.part_size]), zlib.crc32(content[store.part_size :])]
    assert sorted(one["x-amz-checksum-crc32"] for one in parts) == sorted(
        base64.b64encode(one.to_bytes(4, "big")).decode() for one in sums
    )
    assert s3.head_object(Bucket=bucket, Key="x/F/a", ChecksumMode="ENABLED")["ChecksumCRC32"]
    assert store.get("F/a") == content


@pytest.mark.parametrize("header", ["x-amz-checksum-algorithm", "x-amz-checksum-crc32"])
def test_a_service_without_check_sums_gets_none(store: S3Datastore, proxy: FaultProxy, header: str) -> None:
    proxy.choose = lambda request: Refuse(501) if header in {name.lower() for name in request.headers} else None
    content = os.urandom(store.part_size + 1)
    assert store.put("F/a", [content])
    assert store.get("F/a") == content
    proxy.choose = lambda request: Refuse(501) if "partNumber" in request.path else None
    with pytest.raises(DatastoreError, match="501"):
        store.put("F/b", [content])


def test_another_server_at_the_address(store: S3Datastore, monkeypatch: pytest.MonkeyPatch) -> None:
    another_server_is_told(monkeypatch, "FLOWKIT_S3_ENDPOINT_URL", lambda: S3Datastore.open("s3://bucket"))


def test_a_role_that_is_none(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_AWS_ROLE", "notarn")
    with pytest.raises(ConfigurationError, match=r"^the role 'notarn' isn't an ARN, .*: correct FLOWKIT_AWS_ROLE"):
        S3Datastore.open("s3://bucket")
