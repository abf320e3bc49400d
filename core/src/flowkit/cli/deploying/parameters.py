"""The parameters of a deployed flow: as options of a command line, and as texts for an orchestrator."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import click

from flowkit.authoring.parameters import JSONType, Parameter
from flowkit.model.parameter import ParameterSpec

__all__ = ["parameter_options", "parameter_texts"]

#: By the names that specifications have; any other type is given as text, which the run itself checks.
_TYPES: Mapping[str, Any] = {"int": int, "float": float, "bool": bool, "json": JSONType}


def parameter_options(parameters: Sequence[ParameterSpec]) -> list[click.Option]:
    """An option for each parameter of what is deployed; those that aren't given keep their defaults."""
    return [_parameter(spec).click_option() for spec in parameters]


def parameter_texts(parameters: Sequence[ParameterSpec], values: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    """What was given, by the parameters' names, as :meth:`Deployer.trigger` takes it.

    Parameters
    ----------
    values
        By the options' keys, as their texts; None, or nothing of several, for those that weren't given.
    """
    texts: dict[str, str | tuple[str, ...]] = {}
    for spec in parameters:
        value = values.get(_parameter(spec).option_key)
        if value is None or (spec.multiple and not value):
            continue
        texts[spec.name] = tuple(_text(spec, one) for one in value) if spec.multiple else _text(spec, value)
    return texts


def _parameter(spec: ParameterSpec) -> Parameter:
    found = Parameter(
        spec.name,
        default=spec.default,
        type=_TYPES.get(spec.type, str),
        help=spec.help,
        required=spec.required,
        separator=spec.separator,
        multiple=spec.multiple,
    )
    found.attribute = spec.attribute
    return found


def _text(spec: ParameterSpec, value: Any) -> str:
    text = str(value)
    # The run has another working folder.
    return os.path.abspath(text) if spec.type == "file" and "://" not in text else text
