"""The source of secrets ``az-key-vault``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from flowkit.plugin import (
    ConfigurationError,
    FlowkitError,
    SecretsProvider,
    Settings,
    payload_variables,
    unreachable_reason,
)
from flowkit_azure.clients import AZURE

__all__ = ["AzureKeyVault"]

_is_url = re.compile(r"(https://[^/]+)/secrets/([A-Za-z0-9-]+)(?:/([A-Za-z0-9]+))?/?").fullmatch
_is_short = re.compile(r"([A-Za-z0-9-]+)(?:/([A-Za-z0-9]+))?").fullmatch
_LOG_IN = "run `az login`, or renew what FLOWKIT_SECRETS_AZURE_… gives, and try again"
_MENDS = {
    401: _LOG_IN,
    403: "this identity needs the role Key Vault Secrets User on the vault (docs/how-to/secrets.md has the command), "
    "and the vault's firewall must let this machine in",
    404: "check the vault, its name and its version",
    429: "the vault takes no more requests: run fewer tasks at once, or try again later",
}


class AzureKeyVault(SecretsProvider):
    """``"az-key-vault.ID"``, or ``{"type": "az-key-vault", "id": ID, "options": {…}}``.

    The id is ``https://VAULT.vault.azure.net/secrets/NAME/VERSION``; without the version, the latest. ``NAME`` or
    ``NAME/VERSION`` is of the vault that the setting FLOWKIT_AZURE_KEY_VAULT_PREFIX names, as
    ``https://VAULT.vault.azure.net``. A secret is the value of one variable, which the option ``env_var_name`` names
    (else the secret's own name does, hyphens made underscores); with the option ``json`` it is an object of variables.
    There are no roles: the identity that is used needs a role on the vault.
    """

    name = "az-key-vault"
    known_options = frozenset({"json", "env_var_name", "binary"})

    def fetch(self, secret_id: str | None, options: Mapping[str, Any], role: str | None = None) -> Mapping[str, str]:
        """The variables.

        Raises
        ------
        FlowkitError
            If there is no such secret, it may not be read, or isn't of the form.
        """
        settings = Settings.load()
        vault, name, version = _parts(secret_id, settings.get("AZURE_KEY_VAULT_PREFIX"))
        where = f"the secret {secret_id!r} of Azure Key Vault"
        chosen = {**AZURE.options_for("keyvault", "SECRETS", settings), "vault_url": vault}
        client = AZURE.build("keyvault", "SECRETS", chosen)
        try:
            found = client.get_secret(name, version)
        except (AzureError, ValueError) as error:
            raise _failure(error, where, vault) from None
        finally:
            client.close()
        return payload_variables(found.value or "", options, name, where, is_json=False)


def _parts(secret_id: str | None, prefix: str | None) -> tuple[str, str, str | None]:
    """The vault's address, and the secret's name and version."""
    text = secret_id or ""
    if match := _is_url(text):
        return match[1], match[2], match[3]
    match = _is_short(text)
    if match is None:
        raise FlowkitError(
            f"the id of a secret of Azure Key Vault must be https://VAULT.vault.azure.net/secrets/NAME/VERSION, or "
            f"NAME alone, and is {secret_id!r}"
        )
    if not prefix:
        raise ConfigurationError(
            f"the secret {text!r} of Azure Key Vault is in which vault? give the id as "
            f"https://VAULT.vault.azure.net/secrets/{text}, or set FLOWKIT_AZURE_KEY_VAULT_PREFIX to its address"
        )
    return prefix.rstrip("/").removesuffix("/secrets"), match[1], match[2]


def _failure(error: Exception, where: str, vault: str) -> FlowkitError:
    said = unreachable_reason(error) or str(getattr(error, "message", None) or error).splitlines()[0].rstrip(" .")
    status = getattr(error, "status_code", None) if isinstance(error, HttpResponseError) else None
    if isinstance(error, ClientAuthenticationError):
        mend = _LOG_IN
    elif isinstance(error, ServiceRequestError | ServiceResponseError):
        mend = f"check that {vault} can be reached, and FLOWKIT_SECRETS_AZURE_CA_BUNDLE"
    else:
        mend = _MENDS.get(status or 0, "try again later")
    return FlowkitError(f"{where} can't be read: {said}; {mend}")
