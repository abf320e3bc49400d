"""The source type ``inline``: variables that the flow itself gives, for tests and for what isn't secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit.errors import FlowkitError
from flowkit.interfaces.secrets_provider import SecretsProvider
from flowkit.model.secret_values import as_variables

__all__ = ["InlineSecrets"]


class InlineSecrets(SecretsProvider):
    """``{"type": "inline", "options": {"env_vars": {"NAME": "value"}}}``."""

    name = "inline"
    known_options = frozenset({"env_vars"})
    values_in_options = True

    def fetch(self, secret_id: str | None, options: Mapping[str, Any], role: str | None = None) -> Mapping[str, str]:
        """The variables of the option ``env_vars``. Raises FlowkitError if there are none such."""
        if "env_vars" not in options:
            raise FlowkitError(
                f"the inline secret {secret_id or ''!r} has no option 'env_vars': give a dict of names and values there"
            )
        return as_variables(options["env_vars"], "the option 'env_vars' of an inline secret")
