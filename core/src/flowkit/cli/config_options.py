"""``--config`` and ``--config-value``: values of a flow's configurations, given before the command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from flowkit.authoring.config import ConfigDefinition
from flowkit.cli.options import FlowkitOption

__all__ = ["ConfigOption", "config_options"]


class ConfigOption(FlowkitOption):
    """A name and a value, repeatable. In the environment: a JSON object, ``{"name": "file"}``."""

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """Pairs from the JSON object in the environment; a value that isn't a text is taken as JSON."""
        text = self.resolve_envvar_value(ctx)
        if text is None:
            return None
        import json

        try:
            pairs = json.loads(text)
        except ValueError as error:
            raise click.UsageError(f"{self.envvar} isn't valid JSON: {error}", ctx) from None
        if not isinstance(pairs, dict):
            raise click.UsageError(f'{self.envvar} must be a JSON object, as {{"name": "value"}}', ctx)
        return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in pairs.items()]


def config_options(definitions: Sequence[ConfigDefinition]) -> list[click.Parameter]:
    """The two options. They are hidden where the flow has no configurations."""
    named = "; ".join(f"{one.name}{_hint(one)}" for one in definitions)
    common: dict[str, Any] = {
        "nargs": 2,
        "multiple": True,
        "type": (str, str),
        "hidden": not definitions,
        "allow_from_autoenv": False,
    }
    return [
        ConfigOption(
            ["--config"],
            metavar="NAME FILE",
            envvar="FLOWKIT_FLOW_CONFIG",
            help=f"Read a configuration of the flow from a file (repeatable). It has: {named}.",
            **common,
        ),
        ConfigOption(
            ["--config-value"],
            metavar="NAME TEXT",
            envvar="FLOWKIT_FLOW_CONFIG_VALUE",
            help="Give a configuration's value itself, in place of a file (repeatable).",
            **common,
        ),
    ]


def _hint(definition: ConfigDefinition) -> str:
    notes = [definition.help] if definition.help else []
    default = definition.default
    if definition.required:
        notes.append("required")
    elif isinstance(default, str) and definition.show_default:
        notes.append(f"default: {default}")
    return f" ({', '.join(notes)})" if notes else ""
