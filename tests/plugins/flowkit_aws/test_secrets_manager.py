"""Secrets of AWS Secrets Manager, from moto's server."""

from __future__ import annotations

import base64
import json
import traceback
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flowkit.errors import ConfigurationError, FlowkitError
from flowkit.testing.project import Project
from flowkit.testing.secrets import Secret, SecretsProviderContract
from flowkit_aws.secrets_manager import AWSSecretsManager
from support.servers.process import free_port

VALUE = "aws-canary-value-5519"


@pytest.fixture
def manager(aws: str) -> Iterator[Any]:
    """A client of the server that isn't FlowKit's."""
    import boto3

    client = boto3.client("secretsmanager", endpoint_url=aws, region_name="us-east-1")
    yield client
    client.close()


def stored(manager: Any, text: str | bytes) -> Any:
    """A new secret."""
    what = {"SecretString": text} if isinstance(text, str) else {"SecretBinary": text}
    return manager.create_secret(Name=f"team/secret-{uuid.uuid4().hex}", **what)


class TestContract(SecretsProviderContract):
    provider_class = AWSSecretsManager
    manager: Any

    @pytest.fixture(autouse=True)
    def _server(self, manager: Any) -> None:
        self.manager = manager

    def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
        return Secret(stored(self.manager, json.dumps(values))["Name"])

    def missing(self, folder: Path) -> Secret:
        return Secret("team/gone")

    def unreadable(self, folder: Path, value: str) -> Iterable[Secret]:
        for text in (value, f'["{value}"]', f'"{value}"', f'{{"a-b": "{value}", "a_b": "x"}}', f'{{"A": "{value}"'):
            yield Secret(stored(self.manager, text)["Name"])
        yield Secret(None)
        deleted = stored(self.manager, value)["Name"]
        self.manager.delete_secret(SecretId=deleted)
        yield Secret(deleted)


def test_a_text_a_binary_secret_and_names(manager: Any) -> None:
    fetch = AWSSecretsManager().fetch
    name = stored(manager, VALUE)["Name"]
    assert fetch(name, {"json": False, "env_var_name": "TOKEN"}) == {"TOKEN": VALUE}
    assert fetch(name, {"json": False}) == {name.replace("/", "_").replace("-", "_"): VALUE}
    blob = stored(manager, b"\x00\xff" + VALUE.encode())["Name"]
    encoded = base64.b64encode(b"\x00\xff" + VALUE.encode()).decode()
    assert fetch(blob, {"env_var_name": "KEY"}) == {"KEY": encoded}
    mixed = stored(manager, '{"port": 5432, "tls": true, "none": null, "hosts": ["a"]}')["Name"]
    assert fetch(mixed, {}) == {"port": "5432", "tls": "True", "none": "", "hosts": '["a"]'}


def test_versions(manager: Any) -> None:
    first = stored(manager, '{"A": "one"}')
    manager.put_secret_value(SecretId=first["Name"], SecretString='{"A": "two"}')
    fetch = AWSSecretsManager().fetch
    assert fetch(first["Name"], {}) == {"A": "two"}
    assert fetch(first["Name"], {"version_id": first["VersionId"]}) == {"A": "one"}
    assert fetch(first["Name"], {"version_stage": "AWSPREVIOUS"}) == {"A": "one"}
    with pytest.raises(FlowkitError, match=r"can't be read: ResourceNotFoundException"):
        fetch(first["Name"], {"version_stage": "NEVER"})


def test_the_region_is_the_arns_or_the_options_or_the_settings(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    west = boto3.client("secretsmanager", endpoint_url=aws, region_name="us-west-2")
    secret = stored(west, '{"A": "west"}')
    fetch = AWSSecretsManager().fetch
    assert fetch(secret["ARN"], {"region": "eu-west-1"}) == {"A": "west"}
    assert fetch(secret["Name"], {"region": "us-west-2"}) == {"A": "west"}
    with pytest.raises(FlowkitError, match=r"'team/secret-.*' of AWS Secrets Manager can't be read: .*'region'"):
        fetch(secret["Name"], {})
    monkeypatch.setenv("FLOWKIT_AWS_SECRETS_MANAGER_DEFAULT_REGION", "us-west-2")
    assert fetch(secret["Name"], {}) == {"A": "west"}
    monkeypatch.delenv("FLOWKIT_AWS_SECRETS_MANAGER_DEFAULT_REGION")
    monkeypatch.delenv("FLOWKIT_AWS_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(ConfigurationError, match="is in which region"):
        fetch(secret["Name"], {})


def test_a_role_is_assumed_and_another_account_is_possible(
    manager: Any, aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret is in an account that the datastore's credentials don't see; moto gives each role its own account."""
    import boto3

    role = "arn:aws:iam::222233334444:role/reader"
    granted = boto3.client("sts", endpoint_url=aws, region_name="us-east-1").assume_role(
        RoleArn=role, RoleSessionName="tests"
    )["Credentials"]
    there = boto3.client(
        "secretsmanager",
        endpoint_url=aws,
        region_name="us-east-1",
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
    )
    name = stored(there, '{"A": "other account"}')["Name"]
    fetch = AWSSecretsManager().fetch
    with pytest.raises(FlowkitError, match="ResourceNotFound"):
        fetch(name, {})
    monkeypatch.setenv("FLOWKIT_AWS_STS_ENDPOINT_URL", aws)
    assert fetch(name, {}, role) == {"A": "other account"}
    monkeypatch.setenv("FLOWKIT_SECRETS_AWS_ROLE", role)
    assert fetch(name, {}) == {"A": "other account"}
    monkeypatch.delenv("FLOWKIT_SECRETS_AWS_ROLE")
    monkeypatch.setenv("FLOWKIT_AWS_SECRETS_MANAGER_DEFAULT_ROLE", role)
    assert fetch(name, {}) == {"A": "other account"}


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("AccessDeniedException", "secretsmanager:GetSecretValue"),
        ("ExpiredTokenException", "aws sso login"),
        ("UnrecognizedClientException", "FLOWKIT_SECRETS_AWS_PROFILE"),
        ("DecryptionFailure", "kms:Decrypt"),
    ],
)
def test_refusals_of_the_service(aws: str, monkeypatch: pytest.MonkeyPatch, code: str, mend: str) -> None:
    """moto grants everything: botocore's own stubber says what the service documents."""
    from botocore.stub import Stubber

    from flowkit_aws import secrets_manager

    build = secrets_manager.AWS.build

    def stubbed(service: str, capability: str, options: Mapping[str, Any]) -> Any:
        client = build(service, capability, options)
        stubber = Stubber(client)
        stubber.add_client_error("get_secret_value", code, "User: x is not\nallowed")
        stubber.activate()
        return client

    monkeypatch.setattr(type(secrets_manager.AWS), "build", lambda _, *given: stubbed(*given))
    with pytest.raises(FlowkitError) as caught:
        AWSSecretsManager().fetch("team/db", {})
    assert "\n" not in caught.value.message
    assert "'team/db'" in caught.value.message
    assert mend in caught.value.message


def test_no_server_and_no_credentials(aws: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLOWKIT_SECRETSMANAGER_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("FLOWKIT_AWS_CLIENT_PARAMS", '{"config": {"retries": {"total_max_attempts": 1}}}')
    with pytest.raises(FlowkitError, match=r"reading the secret 'x' .* can be reached"):
        AWSSecretsManager().fetch("x", {})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(FlowkitError, match=r"reading the secret 'x' .*FLOWKIT_AWS_PROFILE"):
        AWSSecretsManager().fetch("x", {})


FLOW = """
import os
from flowkit import FlowSpec, secrets, step

class VaultFlow(FlowSpec):
    @secrets(sources=[{"type": "aws-secrets-manager", "id": os.environ["SECRET_ID"], "options": {"prefix": "DB_"}}])
    @step
    def start(self):
        print("user", os.environ["DB_USER"], "password", os.environ["DB_PASSWORD"])
        self.names = sorted(name for name in os.environ if name.startswith("DB_"))
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    VaultFlow()
"""


def test_a_run_leaves_no_value_behind(manager: Any, flow_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    secret = stored(manager, json.dumps({"USER": "scott-of-aws", "PASSWORD": VALUE}))
    flow_project.use_plugin("flowkit_aws.plugin")
    flow_project.write("flow.py", FLOW)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "FLOWKIT_AWS_ENDPOINT_URL", "FLOWKIT_AWS_REGION")
    env = {"SECRET_ID": secret["Name"], **{name: os.environ[name] for name in names}}
    for start in ("fork", "spawn"):
        done = flow_project.run("run", "--task-start", start, check=True, env=env)
        assert "user *** password ***" in done.stdout
        assert VALUE not in done.stdout + done.stderr
    for file in flow_project.path.rglob("*"):
        assert not file.is_file() or VALUE.encode() not in file.read_bytes(), file


def test_what_cannot_be_fetched_is_said_in_a_line(manager: Any, flow_project: Project) -> None:
    import os

    flow_project.use_plugin("flowkit_aws.plugin")
    flow_project.write("flow.py", FLOW)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "FLOWKIT_AWS_ENDPOINT_URL", "FLOWKIT_AWS_REGION")
    env = {name: os.environ[name] for name in names}
    for name, said in (
        ("team/gone", "the secret 'team/gone' of AWS Secrets Manager can't be read: ResourceNotFoundException"),
        (stored(manager, "plain")["Name"], "isn't valid JSON: a secret that is one value needs the options 'json': Fa"),
    ):
        done = flow_project.run("run", env={**env, "SECRET_ID": name})
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert "secrets_manager.py" not in done.stdout + done.stderr


def test_errors_hold_no_value_in_their_frames(manager: Any) -> None:
    name = stored(manager, f'{{"A": "{VALUE}"')["Name"]
    with pytest.raises(FlowkitError) as caught:
        AWSSecretsManager().fetch(name, {})
    assert VALUE not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None
