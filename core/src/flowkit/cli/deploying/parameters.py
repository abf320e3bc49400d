"""The parameters of a deployed flow: as options of a command line, and as texts for an orchestrator."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import click

from flowkit.cli.options import FlowkitOption
from flowkit.model.parameter import ParameterSpec

__all__ = ["parameter_options", "parameter_texts"]

_TYPES: Mapping[str, click.ParamType[Any]] = {
    "int": click.INT,
    "integer": click.INT,
    "float": click.FLOAT,
    "bool": click.BOOL,
    "boolean": click.BOOL,
}


class _JSON(click.ParamType[Any]):
    """A value of JSON; anything that isn't a text is one already."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check the text, and leave it as it is."""
        if isinstance(value, str):
            try:
                json.loads(value)
            except ValueError as error:
                self.fail(f"it isn't valid JSON ({error})", param, ctx)
        return value


def parameter_options(parameters: Sequence[ParameterSpec]) -> list[click.Option]:
    """An option for each parameter of what is deployed; those that aren't given keep their defaults."""
    return [
        FlowkitOption(
            [f"--{spec.name}", spec.name.replace("-", "_").lower()],
            type=_JSON() if spec.type == "json" else _TYPES.get(spec.type, click.STRING),
            help=_help(spec),
            required=spec.required,
            multiple=spec.multiple,
            show_default=False,
        )
        for spec in parameters
    ]


def parameter_texts(parameters: Sequence[ParameterSpec], values: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    """What was given, by the parameters' names, as :meth:`Deployer.trigger` takes it.

    Parameters
    ----------
    values
        By the options' keys; None, or nothing of several, for those that weren't given.
    """
    texts: dict[str, str | tuple[str, ...]] = {}
    for spec in parameters:
        value = values.get(spec.name.replace("-", "_").lower())
        if value is None or (spec.multiple and not value):
            continue
        texts[spec.name] = tuple(_text(spec, one) for one in value) if spec.multiple else _text(spec, value)
    return texts


def _text(spec: ParameterSpec, value: Any) -> str:
    if spec.type == "file" and "://" not in str(value):
        # The run has another working folder.
        return str(os.path.abspath(value))
    if isinstance(value, str):
        return value
    if spec.separator is not None and isinstance(value, list | tuple):
        return str(spec.separator).join(str(one) for one in value)
    return json.dumps(value) if isinstance(value, Mapping | list | tuple) else str(value)


def _help(spec: ParameterSpec) -> str:
    if not spec.has_default:
        return spec.help
    shown = "computed when the run starts" if spec.default_is_computed and spec.default is None else spec.default
    return f"{spec.help}  [default: {shown}]".strip()
