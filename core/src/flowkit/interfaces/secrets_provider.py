"""Where secrets come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = ["SecretsProvider"]


class SecretsProvider(ABC):
    """Fetches one secret as environment variables.

    Contract: :class:`flowkit.testing.secrets.SecretsProviderContract`.
    """

    api_version: ClassVar[int] = 1
    #: The source type: ``inline``, ``aws-secrets-manager``.
    name: ClassVar[str]
    #: Whether the options hold the values themselves: such a source may stand in a flow, not where it would be kept.
    values_in_options: ClassVar[bool] = False
    #: The options that ``fetch`` looks at: another is refused, as a misspelt one. None: any is taken.
    known_options: ClassVar[frozenset[str] | None] = None

    @abstractmethod
    def fetch(self, secret_id: str | None, options: Mapping[str, Any], role: str | None = None) -> Mapping[str, str]:
        """Names of environment variables and their values.

        Raises
        ------
        FlowkitError
            That names the source and the secret, never a value.
        """
