"""The source of secrets ``gcp-secret-manager``, over the service's REST interface."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

import google_crc32c
from google.auth.exceptions import GoogleAuthError
from requests.exceptions import RequestException

from flowkit.plugin import ConfigurationError, FlowkitError, SecretsProvider, Settings, payload_variables
from flowkit_gcp.clients import GCP
from flowkit_gcp.failures import failure

__all__ = ["GCPSecretManager"]

_ADDRESS = "https://secretmanager.googleapis.com"
#: A regional secret has a location in its name, and is served by that location's address.
_is_whole = re.compile(
    r"(projects/[^/]+(?:/locations/(?P<location>[^/]+))?/secrets/(?P<name>[A-Za-z0-9_-]+))(/versions/[^/]+)?"
).fullmatch
_is_short = re.compile(r"(?P<name>[A-Za-z0-9_-]+)(/versions/[^/]+)?").fullmatch
_TIMEOUT = (10, 60)
_LOG_IN = "run `gcloud auth application-default login`, or set FLOWKIT_SECRETS_GCP_CREDENTIALS_FILE, and try again"
_MENDS = {
    400: "its version may be disabled or destroyed: enable it, or name another as …/versions/N",
    401: _LOG_IN,
    403: "these credentials need the role roles/secretmanager.secretAccessor on it; docs/how-to/secrets.md has the "
    "command",
    404: "check the project, its name and its version",
    429: "the project's quota of requests is used up: try again later",
}


class GCPSecretManager(SecretsProvider):
    """``"gcp-secret-manager.ID"``, or ``{"type": "gcp-secret-manager", "id": ID, "options": {…}}``.

    The id is ``projects/PROJECT/secrets/NAME/versions/VERSION``; without the version, the latest. ``NAME`` or
    ``NAME/versions/VERSION`` is what follows the setting FLOWKIT_GCP_SECRET_MANAGER_PREFIX, as
    ``projects/PROJECT/secrets/``. A secret is the value of one variable, which the option ``env_var_name`` names (else
    the secret's own name does); with the option ``json`` it is an object of variables, with ``binary`` the value is
    given as Base64. The role is a service account to impersonate.
    """

    name = "gcp-secret-manager"
    known_options = frozenset({"json", "env_var_name", "binary"})

    def fetch(self, secret_id: str | None, options: Mapping[str, Any], role: str | None = None) -> Mapping[str, str]:
        """The variables.

        Raises
        ------
        FlowkitError
            If there is no such secret, it may not be read, or isn't of the form.
        """
        settings = Settings.load()
        path, name, location = _path(secret_id, settings.get("GCP_SECRET_MANAGER_PREFIX"))
        where = f"the secret {secret_id!r} of GCP Secret Manager"
        chosen = GCP.options_for("secretmanager", "SECRETS", settings)
        if role:
            chosen["role"] = role
        regional = _ADDRESS.replace("//secretmanager.", f"//secretmanager.{location}.rep.") if location else _ADDRESS
        address = str(chosen.get("endpoint_url") or regional).rstrip("/")
        session = GCP.build("secretmanager", "SECRETS", chosen)
        try:
            response = session.get(f"{address}/v1/{path}:access", timeout=_TIMEOUT)
        except (GoogleAuthError, RequestException, ConnectionError) as error:
            said = str(failure(error, f"reading {where}", address).message)
            raise FlowkitError(" ".join(said.replace("FLOWKIT_GCP_", "FLOWKIT_SECRETS_GCP_").split())) from None
        finally:
            session.close()
        return payload_variables(_payload(response, where), options, name, where, is_json=False)


def _path(secret_id: str | None, prefix: str | None) -> tuple[str, str, str | None]:
    """The resource's path, the secret's own name, and the location of a regional one."""
    text = secret_id or ""
    if _is_short(text):
        if not prefix:
            raise ConfigurationError(
                f"the secret {text!r} of GCP Secret Manager is in which project? give the id as "
                f"projects/PROJECT/secrets/{text}, or set FLOWKIT_GCP_SECRET_MANAGER_PREFIX to "
                "projects/PROJECT/secrets/"
            )
        # With and without its last slash.
        text = f"{prefix.rstrip('/')}/{text}" if prefix.endswith(("/", "secrets")) else f"{prefix}{text}"
    match = _is_whole(text)
    if match is None:
        raise FlowkitError(
            f"the id of a secret of GCP Secret Manager must be projects/PROJECT/secrets/NAME/versions/VERSION, or NAME "
            f"alone, and is {secret_id!r}"
        )
    return f"{match[1]}{match[4] or '/versions/latest'}", match["name"], match["location"]


def _payload(response: Any, where: str) -> bytes:
    if response.status_code != 200:
        said = _message(response)
        mend = _MENDS.get(response.status_code, "try again later")
        raise FlowkitError(f"{where} can't be read: {response.status_code}: {said}; {mend}")
    try:
        payload = response.json()["payload"]
        data = base64.b64decode(payload.get("data", ""))
        expected = payload.get("dataCrc32c")
    except (ValueError, KeyError, TypeError, AttributeError):
        # The error may hold the answer.
        raise FlowkitError(f"{where} can't be read: what answered isn't Secret Manager; check the endpoint") from None
    if expected is not None and google_crc32c.value(data) != int(expected):
        raise FlowkitError(f"{where} was damaged on its way: its check sum is wrong; try again")
    return data


def _message(response: Any) -> str:
    try:
        text = str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        text = str(response.reason or "no message")
    return " ".join(text.split())
