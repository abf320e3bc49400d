"""Errors of Azure as FlowKit's, with what mends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from flowkit.plugin import DatastoreError, FlowkitError, unreachable_reason

__all__ = ["code_of", "failure"]

_ROLE = "the role in docs/how-to/store-on-azure.md is what these credentials need on the container"
_LOG_IN = "run `az login`, or renew the key or token that FLOWKIT_AZURE_… gives, and try again"
_MENDS = {
    "ContainerNotFound": "create the container, or correct --datastore-root",
    "AuthorizationPermissionMismatch": _ROLE,
    "AuthorizationFailure": f"{_ROLE}; else the key is wrong, or the account's firewall is closed to you",
    "InsufficientAccountPermissions": _ROLE,
    "AuthenticationFailed": f"{_LOG_IN}; this machine's clock must be right, too",
    "InvalidAuthenticationInfo": _LOG_IN,
    "NoAuthenticationInformation": "set FLOWKIT_AZURE_ACCOUNT_KEY or _SAS_TOKEN, or run `az login`",
    "InvalidResourceName": "names of containers are of 3 to 63 lower case letters, digits and hyphens",
    "AccountIsDisabled": "ask the account's owner",
    "ServerBusy": "the account takes no more requests: run fewer tasks at once, or try again later",
}


Kind = TypeVar("Kind", bound=FlowkitError)


def code_of(error: Exception) -> str:
    """The service's code for an error; empty if it never answered or named none."""
    code = getattr(error, "error_code", None) or ""
    return str(getattr(code, "value", code))


def failure(
    error: AzureError,
    what: str,
    endpoint: str,
    kind: type[Kind] = DatastoreError,  # type: ignore[assignment]
    mends: Mapping[str, str] | None = None,
) -> Kind:
    """The error for a user: what was done to which object, what the service said, and the mend.

    Parameters
    ----------
    kind
        Its class.
    mends
        By the service's codes, in place of those for datastores.
    """
    table = {**_MENDS, **(mends or {})}
    code = code_of(error)
    if isinstance(error, ClientAuthenticationError):
        mend = table.get(code, _LOG_IN)
    elif isinstance(error, HttpResponseError) and _is_foreign(error):
        where = f"check that {endpoint} is its address, and FLOWKIT_AZURE_ENDPOINT_URL"
        return kind(f"{what} failed: {error.status_code}: {error.reason}; that isn't Blob Storage's answer: {where}")
    elif isinstance(error, HttpResponseError):
        mend = table.get(code, table.get("403", _ROLE) if error.status_code == 403 else "")
    elif isinstance(error, ServiceRequestError | ServiceResponseError):
        mend = f"check that {endpoint} can be reached, and FLOWKIT_AZURE_ACCOUNT or FLOWKIT_AZURE_ENDPOINT_URL"
    else:
        mend = "try again"
    said = unreachable_reason(error) or str(error.message or error).splitlines()[0]
    return kind(f"{what} failed: {code}{': ' if code else ''}{said}{'; ' if mend else ''}{mend}")


def _is_foreign(error: HttpResponseError) -> bool:
    """Whether another kind of server answered: without what the service adds to each answer."""
    status = error.status_code or 0
    headers = getattr(error.response, "headers", None)
    # A firewall's refusal, and what is broken between here and there, are another matter.
    is_odd = (status < 500 or status == 501) and status != 403
    return headers is not None and is_odd and "x-ms-request-id" not in headers
