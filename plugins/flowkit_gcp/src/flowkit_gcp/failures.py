"""Errors of Google Cloud as FlowKit's, with what mends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError
from requests.exceptions import RequestException, SSLError

from flowkit.plugin import DatastoreError, FlowkitError, unreachable_reason

__all__ = ["ERRORS", "failure"]

#: All that the SDK raises because of the service, the network or credentials.
ERRORS = (GoogleAPICallError, RetryError, GoogleAuthError, RequestException, ConnectionError)

_LOG_IN = "run `gcloud auth application-default login`, or set FLOWKIT_GCP_CREDENTIALS_FILE, and try again"
_MENDS = {
    401: _LOG_IN,
    403: "the role in docs/how-to/store-on-gcp.md is what these credentials need on the bucket",
    404: "create the bucket, or correct --datastore-root",
    429: "the bucket takes no more requests: run fewer tasks at once, or try again later",
}


Kind = TypeVar("Kind", bound=FlowkitError)


def failure(
    error: Exception,
    what: str,
    endpoint: str,
    kind: type[Kind] = DatastoreError,  # type: ignore[assignment]
    mends: Mapping[int, str] | None = None,
) -> Kind:
    """The error for a user: what was done to which object, what the service said, and the mend.

    Parameters
    ----------
    kind
        Its class.
    mends
        By HTTP's codes, in place of those for datastores.
    """
    if isinstance(error, RetryError) and isinstance(error.cause, Exception):
        error = error.cause
    if isinstance(error, GoogleAPICallError):
        status = int(error.code or 0)
        said, mend = f"{status}: {error.message}".splitlines()[0], {**_MENDS, **(mends or {})}.get(status, "")
        if ": <" in said and (status < 500 or status == 501):
            said = f"{status}, with a page of HTML"
            mend = (
                f"that isn't Cloud Storage's answer: check that {endpoint} is its address, and FLOWKIT_GCP_ENDPOINT_URL"
            )
    elif isinstance(error, DefaultCredentialsError | RefreshError):
        said, mend = str(error.args[0] if error.args else error).splitlines()[0], _LOG_IN
    elif isinstance(error, SSLError):
        said, mend = str(error), "set FLOWKIT_GCP_CA_BUNDLE to the file of the certificates to trust"
    else:
        said = unreachable_reason(error) or str(error)
        mend = f"check that {endpoint} can be reached, and FLOWKIT_GCP_ENDPOINT_URL"
    return kind(f"{what} failed: {said}{'; ' if mend else ''}{mend}")
