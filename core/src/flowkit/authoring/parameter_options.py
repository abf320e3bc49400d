"""Parameters as options of the command line. The only module of this package that needs click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flowkit.authoring.parameter_types import JSONTypeClass, type_name

if TYPE_CHECKING:
    from flowkit.authoring.parameters import Parameter

    _ParamType = click.ParamType[Any]
else:
    # Older releases of click have no type arguments.
    _ParamType = click.ParamType

__all__ = ["TextType", "make_option"]


class TextType(_ParamType):
    """Converts an option's text as the parameter does."""

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        self.name = type_name(parameter.value_type)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """One value. Fails with the reason."""
        from flowkit.authoring.parameter_types import convert_text

        try:
            return convert_text(self.parameter.value_type, value)
        except ValueError as error:
            return self.fail(str(error), param, ctx)


def make_option(parameter: Parameter) -> click.Option:
    """``--name``, with no default of its own: those are computed once, when the run starts."""
    options: dict[str, Any] = dict(parameter.options)
    options.setdefault("is_flag", False)
    return click.Option(
        (f"--{parameter.name}", parameter.option_key),
        type=_option_type(parameter),
        help=_help(parameter),
        required=parameter.required,
        show_default=False,
        multiple=parameter.multiple,
        **options,
    )


def _option_type(parameter: Parameter) -> Any:
    kind = parameter.value_type
    if isinstance(kind, list):
        return click.Choice([str(choice) for choice in kind])
    if isinstance(kind, JSONTypeClass) or kind is bool or kind is int or kind is float:
        return TextType(parameter)
    return kind


def _help(parameter: Parameter) -> str:
    text = parameter.help or ""
    if parameter.default is None or not parameter.show_default:
        return text
    shown = "computed when the run starts" if callable(parameter.default) else parameter.default
    return f"{text}  [default: {shown}]".strip()
