"""Credentials that are looked for when the first request is signed.

A client is built before tasks are forked, and must not make a connection then, as looking for the machine's role or
assuming one would.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import botocore.session
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    Credentials,
    DeferredRefreshableCredentials,
    JSONFileCache,
)
from botocore.exceptions import NoCredentialsError

__all__ = ["LazyCredentials", "LazyResolver", "assume_role"]


class LazyCredentials(Credentials):  # type: ignore[misc]
    """Stands for the credentials that ``load`` finds, in the process that signs a request."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load
        self._found: Any = None
        self.method = "flowkit"

    def get_frozen_credentials(self) -> Any:
        """The credentials as they are now. Raises NoCredentialsError."""
        return self._credentials().get_frozen_credentials()

    def get_deferred_property(self, property_name: str) -> Callable[[], Any]:
        """A function that looks a property up."""
        return lambda: getattr(self._credentials(), property_name, None)

    @property
    def access_key(self) -> Any:
        """As the credentials found."""
        return self.get_frozen_credentials().access_key

    @property
    def secret_key(self) -> Any:
        """As the credentials found."""
        return self.get_frozen_credentials().secret_key

    @property
    def token(self) -> Any:
        """As the credentials found."""
        return self.get_frozen_credentials().token

    def stand_in(self, access_key: str | None, secret_key: str | None) -> None:
        """Use these keys, without looking for any; with None, look for them when they are needed next."""
        self._found = None if access_key is None else Credentials(access_key, secret_key)

    def _credentials(self) -> Any:
        if self._found is None:
            self._found = self._load()
            if self._found is None:
                raise NoCredentialsError
        return self._found


class LazyResolver:
    """Takes the place of the SDK's chain of credential providers in a session."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def load_credentials(self) -> Credentials:
        """The credentials."""
        return self._credentials


def assume_role(
    source: Credentials, role: str, region: str | None, endpoint: str | None, verify: str | None
) -> Callable[[], DeferredRefreshableCredentials]:
    """A function that makes credentials of a role, kept in the SDK's cache folder until shortly before they expire.

    Parameters
    ----------
    source
        Credentials that may assume it.
    endpoint, verify
        Of STS.
    """

    def create_client(service: str, **arguments: Any) -> Any:
        session = botocore.session.Session()
        arguments.setdefault("region_name", region or "us-east-1")
        return session.create_client(service, endpoint_url=endpoint, verify=verify, **arguments)

    def load() -> DeferredRefreshableCredentials:
        session_name = {"RoleSessionName": "flowkit"}
        cache = _RoleCache(f"{endpoint} {source.access_key}")
        fetcher = AssumeRoleCredentialFetcher(create_client, source, role, session_name, cache=cache)
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")

    return load


class _RoleCache:
    """The SDK's cache of credentials of roles, kept apart by who assumed them and where.

    The SDK's own key is the role alone. A folder that can't be written keeps nothing, and each process asks STS.
    """

    def __init__(self, assumed_by: str) -> None:
        self._prefix = hashlib.sha1(assumed_by.encode(), usedforsecurity=False).hexdigest()
        self._files = JSONFileCache(os.path.expanduser(os.path.join("~", ".aws", "boto", "cache")))

    def __contains__(self, key: str) -> bool:
        return self._prefix + key in self._files

    def __getitem__(self, key: str) -> Any:
        return self._files[self._prefix + key]

    def __setitem__(self, key: str, value: Any) -> None:
        with suppress(OSError):
            self._files[self._prefix + key] = value
