"""Where secrets come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = ["COMMON_OPTIONS", "SecretsProvider"]

#: Options that are the same for all sources: which variables are taken, and what is put before their names. They
#: are looked at once a secret was fetched, and never reach ``fetch``.
COMMON_OPTIONS = frozenset({"allow", "deny", "prefix"})


class SecretsProvider(ABC):
    """Fetches one secret as environment variables.

    Contract: :class:`flowkit.testing.secrets.SecretsProviderContract`.
    """

    api_version: ClassVar[int] = 1
    #: The source type: ``inline``, ``aws-secrets-manager``.
    name: ClassVar[str]
    #: Whether the options hold the values themselves: such a source may stand in a flow, not where it would be kept.
    values_in_options: ClassVar[bool] = False
    #: The options that ``fetch`` looks at: another is refused, as a misspelt one. None: any is taken. A provider that
    #: names ``allow``, ``deny`` or ``prefix`` is refused: they are the same for all sources, and never reach ``fetch``.
    known_options: ClassVar[frozenset[str] | None] = None

    @abstractmethod
    def fetch(self, secret_id: str | None, options: Mapping[str, Any], role: str | None = None) -> Mapping[str, str]:
        """Names of environment variables and their values, all of them ``str``.

        Raises
        ------
        FlowkitError
            That names the source and the secret, never a value.
        """
