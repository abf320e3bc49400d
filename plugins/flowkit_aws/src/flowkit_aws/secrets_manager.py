"""The source of secrets ``aws-secrets-manager``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from flowkit.plugin import ConfigurationError, FlowkitError, SecretsProvider, Settings, payload_variables
from flowkit_aws.clients import AWS
from flowkit_aws.failures import code_of, failure

__all__ = ["AWSSecretsManager"]

_region_of = re.compile(r"arn:aws[a-z-]*:secretsmanager:([^:]+):").match
_POLICY = (
    "these credentials need secretsmanager:GetSecretValue on it, and kms:Decrypt on its key; docs/how-to/secrets.md "
    "has the policy"
)
_MENDS = {
    "ResourceNotFoundException": "check its name, and that the region is its own: the option 'region'",
    "AccessDeniedException": _POLICY,
    "AccessDenied": _POLICY,
    "DecryptionFailure": _POLICY,
    "InvalidRequestException": "it may be about to be deleted: restore it, or name another",
    "UnrecognizedClientException": "the access key isn't one of this account: set FLOWKIT_SECRETS_AWS_PROFILE, or keys",
}


class AWSSecretsManager(SecretsProvider):
    """``"aws-secrets-manager.NAME"``, or ``{"type": "aws-secrets-manager", "id": NAME OR ARN, "options": {…}}``.

    A secret is a JSON object of variables, unless the option ``json`` is False: then it is the value of one variable,
    which the option ``env_var_name`` names (else the secret's own name does). A binary secret is given as Base64. More
    options: ``region`` (else the ARN's, else the setting FLOWKIT_AWS_SECRETS_MANAGER_DEFAULT_REGION),
    ``version_id`` and ``version_stage``. The role is one to assume.
    """

    name = "aws-secrets-manager"
    known_options = frozenset({"json", "env_var_name", "binary", "region", "version_id", "version_stage"})

    def fetch(self, secret_id: str | None, options: Mapping[str, Any], role: str | None = None) -> Mapping[str, str]:
        """The variables.

        Raises
        ------
        FlowkitError
            If there is no such secret, it may not be read, or isn't of the form.
        """
        if not secret_id:
            raise FlowkitError("a secret of AWS Secrets Manager needs its name or ARN as its id")
        where = f"the secret {secret_id!r} of AWS Secrets Manager"
        client = _client(secret_id, options, role, where)
        versions = {"VersionId": options.get("version_id"), "VersionStage": options.get("version_stage")}
        try:
            found = client.get_secret_value(SecretId=secret_id, **{key: one for key, one in versions.items() if one})
        except (ClientError, BotoCoreError) as error:
            raise _failure(error, where, client.meta.endpoint_url) from None
        finally:
            client.close()
        if "SecretString" in found:
            return payload_variables(found["SecretString"], options, found["Name"], where, is_json=True)
        binary = {**options, "json": False, "binary": True}
        return payload_variables(found["SecretBinary"], binary, found["Name"], where, is_json=False)


def _client(secret_id: str, options: Mapping[str, Any], role: str | None, where: str) -> Any:
    settings = Settings.load()
    chosen = AWS.options_for("secretsmanager", "SECRETS", settings)
    match = _region_of(secret_id)
    region = (match and match[1]) or options.get("region") or settings.get("AWS_SECRETS_MANAGER_DEFAULT_REGION")
    if region:
        chosen["region"] = region
    if role := role or settings.get("AWS_SECRETS_MANAGER_DEFAULT_ROLE"):
        chosen["role"] = role
    try:
        return AWS.build("secretsmanager", "SECRETS", chosen)
    except (NoRegionError, ConfigurationError) as error:
        if isinstance(error, NoRegionError) or isinstance(error.__cause__, NoRegionError):
            raise ConfigurationError(
                f"{where} is in which region? give the option 'region', or set "
                "FLOWKIT_AWS_SECRETS_MANAGER_DEFAULT_REGION"
            ) from None
        raise


def _failure(error: Exception, where: str, endpoint: str) -> FlowkitError:
    code = code_of(error)
    if code in _MENDS and getattr(error, "operation_name", "") != "AssumeRole":
        said = getattr(error, "response", {}).get("Error", {}).get("Message") or "no message"
        return FlowkitError(f"{where} can't be read: {code}: {' '.join(said.split())}; {_MENDS[code]}")
    return FlowkitError(" ".join(failure(error, f"reading {where}", endpoint).message.split()))
