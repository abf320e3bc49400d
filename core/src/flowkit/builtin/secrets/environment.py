"""The source type ``environment``: variables of the task's own environment, redacted from then on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from flowkit.errors import FlowkitError
from flowkit.interfaces.secrets_provider import SecretsProvider
from flowkit.model.secret_values import from_json

__all__ = ["EnvironmentSecrets"]


class EnvironmentSecrets(SecretsProvider):
    """Reads what whoever starts tasks has put into their environment.

    ``"environment.NAME"``: the variable NAME holds a JSON object of variables. With the option ``variables``, a list
    of names: those variables as they are.
    """

    name = "environment"
    known_options = frozenset({"variables"})

    def fetch(self, secret_id: str | None, options: Mapping[str, Any], role: str | None = None) -> Mapping[str, str]:
        """The variables. Raises FlowkitError if one isn't set, or isn't what it should be."""
        names = options.get("variables")
        if names is None:
            if not secret_id:
                raise FlowkitError(
                    "a secret of the environment needs the name of a variable, or the option 'variables'"
                )
            return from_json(_value(secret_id), f"the environment variable {secret_id}")
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise FlowkitError("the option 'variables' of a secret of the environment must be a list of names")
        return {name: _value(name) for name in names}


def _value(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise FlowkitError(f"the environment variable {name}, which a secret is read from, isn't set: set it for tasks")
    return value
