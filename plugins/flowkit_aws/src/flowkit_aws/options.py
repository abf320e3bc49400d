"""How clients of AWS are configured.

An option ``REGION`` of a client is looked for, first found wins:

1. for one capability of FlowKit, as ``FLOWKIT_DATASTORE_AWS_REGION``;
2. for one service, as ``FLOWKIT_S3_REGION``;
3. for the cloud, as ``FLOWKIT_AWS_REGION``;
4. by the SDK itself: its environment variables and files, the machine's role.

Each may stand in the environment or a configuration file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowkit.plugin import ConfigurationError, Settings

__all__ = ["OPTIONS", "read_options"]

#: Names, and what they say.
OPTIONS: Mapping[str, str] = {
    "PROFILE": "profile of the SDK's configuration files",
    "ROLE": "ARN of a role to assume, from the credentials that are found otherwise",
    "REGION": "region of the service",
    "ENDPOINT_URL": "address of another service with the same interface",
    "CA_BUNDLE": "file of certificates to trust",
    "SESSION_VARS": "JSON object of arguments for boto3's Session, such as aws_access_key_id",
    "CLIENT_PARAMS": "JSON object of arguments for the session's client(), its config as an object too",
    "SERVER_SIDE_ENCRYPTION": "how S3 encrypts what is written: AES256 or aws:kms; else as the bucket says",
    "CLIENT_PROVIDER": "name of the client provider that builds clients",
}
_OBJECTS = frozenset({"SESSION_VARS", "CLIENT_PARAMS"})


def read_options(settings: Settings, service: str, capability: str) -> dict[str, Any]:
    """The options that are set, by their names in lower case.

    Parameters
    ----------
    service
        The SDK's name of it: ``s3``, ``secretsmanager``.
    capability
        What it is for: ``DATASTORE``, ``SECRETS``.

    Raises
    ------
    ConfigurationError
        If the value of one that is JSON can't be read.
    """
    scopes = (f"{capability}_AWS", service.upper().replace("-", "_"), "AWS")
    options: dict[str, Any] = {}
    for option in OPTIONS:
        for scope in scopes:
            if (value := settings.get(f"{scope}_{option}")) is not None:
                options[option.lower()] = _object(f"{scope}_{option}", value) if option in _OBJECTS else value
                break
    if "role" in options and (endpoint := settings.get("STS_ENDPOINT_URL") or settings.get("AWS_ENDPOINT_URL")):
        options["sts_endpoint_url"] = endpoint
    return options


def _object(name: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        # The text isn't shown: it may hold a key.
        raise ConfigurationError(f"FLOWKIT_{name} must be a JSON object, such as {{}}")
    return value
