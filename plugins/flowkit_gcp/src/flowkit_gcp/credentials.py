"""Credentials that are looked for when the first request is made.

A client is built before tasks are forked, and must not make a connection then, as asking the machine for its account
would.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import google.auth
from google.auth import credentials, impersonated_credentials
from google.auth.exceptions import GoogleAuthError, TransportError

from flowkit.plugin import patience_for

__all__ = ["LazyCredentials"]

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


class LazyCredentials(credentials.Credentials):
    """Stands for the credentials that the options and the machine give, in the process that makes a request.

    Parameters
    ----------
    options
        ``credentials_file``, ``role`` and ``quota_project``; each may be missing.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._options = options
        self._found: Any = None

    def refresh(self, request: Any) -> None:
        """Get a new token. Raises GoogleAuthError."""
        self._credentials().refresh(request)

    def before_request(self, request: Any, method: str, url: str, headers: Any) -> None:
        """Add the token to a request's headers."""
        patience = patience_for("credentials")
        try:
            self._credentials().before_request(request, method, url, headers)
        except TransportError as error:
            if patience.is_at_end(error):
                # Of a kind that the SDK doesn't try again after.
                raise GoogleAuthError(*error.args) from error
            raise
        patience.answered()

    def _credentials(self) -> Any:
        if self._found is None:
            project = self._options.get("quota_project")
            if file := self._options.get("credentials_file"):
                with warnings.catch_warnings():
                    # It warns of files from others; this one's name is the user's own configuration.
                    warnings.simplefilter("ignore", DeprecationWarning)
                    found, _ = google.auth.load_credentials_from_file(file, scopes=_SCOPES, quota_project_id=project)
            else:
                found, _ = google.auth.default(scopes=_SCOPES, quota_project_id=project)
            if role := self._options.get("role"):
                found = impersonated_credentials.Credentials(found, role, _SCOPES, quota_project_id=project)
            self._found = found
        return self._found
