"""Errors of AWS as FlowKit's, with what mends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSLError,
    SSOError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from flowkit.plugin import DatastoreError, FlowkitError, unreachable_reason

__all__ = ["code_of", "failure", "is_absent", "is_unsupported"]

_LOG_IN = "run `aws sso login`, or renew the session's keys, and try again"
_GIVE_CREDENTIALS = "set FLOWKIT_AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`"
_REGION = "set FLOWKIT_S3_REGION (or FLOWKIT_AWS_REGION) to the bucket's region"
_MENDS = {
    "NoSuchBucket": "create the bucket, or correct --datastore-root",
    "AccessDenied": "the policy in docs/how-to/store-on-aws.md lists what must be allowed to these credentials",
    "403": "the policy in docs/how-to/store-on-aws.md lists what must be allowed to these credentials",
    "AllAccessDisabled": "ask the bucket's owner",
    "InvalidAccessKeyId": _GIVE_CREDENTIALS,
    "SignatureDoesNotMatch": "the secret key is not the access key's: correct it",
    "RequestTimeTooSkewed": "set this machine's clock",
    "ExpiredToken": _LOG_IN,
    "ExpiredTokenException": _LOG_IN,
    "InvalidToken": _LOG_IN,
    "TokenRefreshRequired": _LOG_IN,
    "PermanentRedirect": _REGION,
    "301": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "SlowDown": "the bucket takes no more requests: run fewer tasks at once, or try again later",
    "EntityTooLarge": "objects of S3 have up to 5 TB",
}
Kind = TypeVar("Kind", bound=FlowkitError)
_ABSENT = frozenset({"NoSuchKey", "404"})
_UNSUPPORTED = frozenset({"NotImplemented", "501"})


def code_of(error: Exception) -> str:
    """The service's code for an error; empty if it never answered."""
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_unsupported(error: Exception) -> bool:
    """Whether a service that has S3's interface says that it doesn't know a header of the request."""
    return code_of(error) in _UNSUPPORTED


def is_absent(error: Exception) -> bool:
    """Whether it says that there is no such object."""
    return code_of(error) in _ABSENT


def failure(
    error: Exception,
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
    if isinstance(error, ClientError):
        code = code_of(error)
        said = error.response.get("Error", {}).get("Message") or "no message"
        mend = {**_MENDS, **(mends or {})}.get(code, "")
        if not mend and _is_foreign(error, code):
            mend = f"that isn't S3's answer: check that {endpoint} is its address, and FLOWKIT_S3_ENDPOINT_URL"
        if error.operation_name == "AssumeRole":
            mend = mend or "check FLOWKIT_AWS_ROLE, and that these credentials may assume it"
        return kind(f"{what} failed: {code}: {said}{'; ' if mend else ''}{mend}")
    said = unreachable_reason(error) or " ".join(str(error).split())
    return kind(f"{what} failed: {said}; {_mend_unanswered(error, endpoint)}")


def _is_foreign(error: ClientError, code: str) -> bool:
    """Whether another kind of server answered: with a status alone, and without what S3 adds to each answer."""
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return (code[:1] == "4" or code == "501") and code.isdigit() and "x-amz-request-id" not in headers


def _mend_unanswered(error: Exception, endpoint: str) -> str:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return _GIVE_CREDENTIALS
    if isinstance(error, SSOError | UnauthorizedSSOTokenError | TokenRetrievalError):
        return _LOG_IN
    if isinstance(error, SSLError):
        return "set FLOWKIT_AWS_CA_BUNDLE to the file of the certificates to trust"
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError | HTTPClientError):
        return f"check that {endpoint} can be reached, and FLOWKIT_S3_ENDPOINT_URL and FLOWKIT_AWS_REGION"
    if isinstance(error, BotoCoreError):
        return "check the configuration of AWS: `aws sts get-caller-identity` uses the same"
    return "try again"
