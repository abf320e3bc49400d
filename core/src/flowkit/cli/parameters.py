"""A flow's parameters as options of ``run``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from flowkit.authoring.parameters import Parameter
from flowkit.cli.context import FlowContext

__all__ = ["flow_parameters", "given_values", "parameter_options"]


def flow_parameters(context: FlowContext) -> tuple[Parameter, ...]:
    """The parameters of the flow, in the order of their definition."""
    return context.prepared.parameters


def parameter_options(context: FlowContext) -> list[click.Option]:
    """An option for each parameter. Raises GraphError, as a run would, if one has a name that no option can have."""
    from flowkit.compile.parameter_checks import has_bad_name

    parameters = flow_parameters(context)
    if any(map(has_bad_name, parameters)):
        from flowkit.compile.compiler import check

        check(context.compiled)
    return [parameter.click_option() for parameter in parameters]


def given_values(context: FlowContext, options: Mapping[str, Any]) -> dict[str, Any]:
    """The values, by attribute, of the parameters that ``options`` has one for; defaults are no business of this.

    Raises
    ------
    ParameterError
        That names the parameter whose value is wrong.
    """
    values: dict[str, Any] = {}
    for parameter in flow_parameters(context):
        value = options.get(parameter.option_key)
        if value is not None and not (parameter.multiple and not value):
            values[parameter.attribute] = parameter.convert(value)
    return values
