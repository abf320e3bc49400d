"""Parameters as options of the command line. The only module of this package that needs click from the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flowkit.authoring.parameter_types import convert_text, type_name

if TYPE_CHECKING:
    from flowkit.authoring.parameters import Parameter

    _ParamType = click.ParamType[Any]
else:
    # Older releases of click have no type arguments.
    _ParamType = click.ParamType

__all__ = ["CheckedText", "make_option"]


class CheckedText(_ParamType):
    """A text that the parameter can convert. The option's value is the text itself, for :meth:`Parameter.convert`.

    It isn't converted here, for converting twice is wrong: JSON of a text would be taken for JSON again.
    """

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        kind = parameter.value_type
        self._type = click.Choice([str(choice) for choice in kind]) if isinstance(kind, list) else kind
        self.name = type_name(kind)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text as it is. Fails if it can't be converted, with the reason."""
        try:
            convert_text(self.parameter.value_type, value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return value

    def get_metavar(self, *args: Any, **kwargs: Any) -> str | None:
        """What help shows in place of the value."""
        if not isinstance(self._type, click.ParamType):
            return None
        shown: str | None = self._type.get_metavar(*args, **kwargs)
        return shown

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Completions that click's own type offers."""
        is_own = isinstance(self._type, click.ParamType)
        return self._type.shell_complete(ctx, param, incomplete) if is_own else []


def make_option(parameter: Parameter) -> click.Option:
    """``--name``, with no default of its own: those are computed once, when the run starts.

    Without the option, its value is None, or an empty tuple with ``multiple``.
    """
    options: dict[str, Any] = dict(parameter.options)
    return click.Option(
        (f"--{parameter.name}", parameter.option_key),
        type=CheckedText(parameter),
        help=_help(parameter),
        required=parameter.required,
        show_default=False,
        multiple=parameter.multiple,
        **options,
    )


def _help(parameter: Parameter) -> str:
    text = parameter.help or ""
    if parameter.default is None or not parameter.show_default:
        return text
    shown = "computed when the run starts" if callable(parameter.default) else parameter.default
    return f"{text}  [default: {shown}]".strip()
