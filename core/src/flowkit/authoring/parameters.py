"""Parameters: values that a run is given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, Self, overload

from flowkit.authoring.bound import KEY
from flowkit.authoring.config_expressions import has_delayed, resolved, resolved_arguments
from flowkit.authoring.config_value import plain_value
from flowkit.authoring.parameter_context import ParameterContext
from flowkit.authoring.parameter_types import JSONType, TextType, convert_text, type_from_default, type_name
from flowkit.errors import ParameterError, ParameterFieldFailed, ParameterFieldTypeMismatch
from flowkit.model.parameter import ParameterSpec

if TYPE_CHECKING:
    import builtins

    import click
    from typing_extensions import TypeVar

    from flowkit.authoring.binding import TaskBinding
    from flowkit.authoring.config_expressions import ConfigScope

__all__ = [
    "JSONType",
    "Parameter",
    "ParameterContext",
    "ParameterFieldFailed",
    "ParameterFieldTypeMismatch",
    "parameters_of",
]


if TYPE_CHECKING:
    # A bare ``Parameter`` in an annotation is one of any type.
    T = TypeVar("T", default=Any)
else:
    from typing import TypeVar

    T = TypeVar("T")
V = TypeVar("V")
#: From the run's own circumstances to a value.
Default = Callable[[ParameterContext], V]


class Parameter(Generic[T]):
    """A value that a run is given: an option of ``run``, and an artifact of every task.

    Parameters
    ----------
    name
        The option: ``--name``. The artifact has the name of the attribute.
    default
        A value, or a function that computes it when a run starts, from a :class:`ParameterContext`.
    type
        ``str``, ``int``, ``float``, ``bool``, ``JSONType``, a list of the values allowed, or any type of click's.
        Without it, the default's type, else text.
    help
        Shown by ``run --help``.
    required
        A run must be given a value. Has no effect where there is a default.
    show_default
        Whether ``run --help`` shows the default; it does if this isn't given.
    separator
        Splits a text into a list: ``separator=","`` makes ``a,b`` the list ``["a", "b"]``.
    multiple
        The option may be given several times; the value is a tuple.
    **options
        More arguments of ``click.Option``.

    Examples
    --------
    >>> class Train(FlowSpec):
    ...     alpha = Parameter("alpha", default=0.5, help="learning rate")
    """

    #: ``config`` and ``file`` in classes derived from this one.
    kind = "parameter"

    # The value's type, from the arguments. Where nothing need be given, the value may be None: it is of type
    # ``T | Any`` then, so that a flow may use it without asking first.
    @overload
    def __init__(
        self: Parameter[list[str]],
        name: str,
        default: str | Default[str] | None = ...,
        type: Any = ...,
        *,
        separator: str,
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[tuple[V, ...]],
        name: str,
        default: Iterable[Any] | None = ...,
        *,
        type: builtins.type[V],
        multiple: Literal[True],
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[tuple[V, ...]],
        name: str,
        default: Iterable[V],
        *,
        multiple: Literal[True],
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[tuple[str, ...]],
        name: str,
        default: None = ...,
        *,
        multiple: Literal[True],
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[Any],
        name: str,
        default: Any = ...,
        *,
        type: TextType | click.ParamType[Any],
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[V],
        name: str,
        default: None = ...,
        *,
        type: builtins.type[V] | Sequence[V],
        help: str | None = ...,
        required: Literal[True],
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[V | Any],
        name: str,
        default: None = ...,
        *,
        type: builtins.type[V] | Sequence[V],
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[V],
        name: str,
        default: Default[V] | V,
        type: builtins.type[V] | Sequence[V],
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[str],
        name: str,
        default: None = ...,
        *,
        help: str | None = ...,
        required: Literal[True],
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[str | Any],
        name: str,
        default: None = ...,
        *,
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[V],
        name: str,
        default: Default[V],
        type: None = ...,
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[V],
        name: str,
        default: V,
        type: None = ...,
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Parameter[Any],
        name: str,
        default: Any = ...,
        type: Any = ...,
        help: str | None = ...,
        required: bool | None = ...,
        show_default: bool | None = ...,
        **options: Any,
    ) -> None: ...
    def __init__(
        self,
        name: str,
        default: Any = None,
        type: Any = None,  # noqa: A002
        help: str | None = None,  # noqa: A002
        required: bool | None = None,
        show_default: bool | None = None,
        *,
        separator: str | None = None,
        multiple: bool = False,
        **options: Any,
    ) -> None:
        frame = sys._getframe(1)
        self.name = name
        #: Name of the attribute and artifact.
        self.attribute = ""
        self.default = default
        self.type = type
        self.help = help
        self._asked = required
        self.required = bool(required) and default is None
        self.show_default = True if show_default is None else show_default
        self.separator = separator
        self.multiple = multiple
        self.options = options
        #: Where it was written.
        self.file = frame.f_code.co_filename
        self.line = frame.f_lineno

    def __set_name__(self, owner: Any, name: str) -> None:
        self.attribute = name

    @overload
    def __get__(self, instance: None, owner: Any) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> T: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        attributes = vars(instance)
        if self.attribute in attributes:
            return attributes[self.attribute]
        binding: TaskBinding | None = attributes.get(KEY)
        if binding is None:
            return self
        if self.attribute not in binding.names():
            raise AttributeError(f"the run has no value for the parameter {self.name!r}")
        return binding.constant(self.attribute)

    # Never: what a step assigns is refused, and type checkers say so before.
    def __set__(self, instance: Any, value: Never) -> None:
        if KEY in vars(instance):
            raise AttributeError(
                f"{type(instance).__name__}.{self.attribute} is a parameter, the same in every task, and can't be set; "
                "assign to an attribute of another name"
            )
        vars(instance)[self.attribute] = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    # --- arguments that are values of configurations ---------------------------------------------------------------

    def resolved(self, scope: ConfigScope) -> Self:
        """The parameter with the configurations' values in its arguments; itself if it needs none.

        Raises
        ------
        ConfigurationError
            If one can't be computed.
        """
        if not has_delayed(vars(self)):
            return self
        result = self.unresolved()
        named = resolved_arguments(vars(self)["options"], scope)
        for name, value in vars(self).items():
            known = named.pop(name) if name in named else resolved(value, scope) if name != "options" else named
            vars(result)[name] = plain_value(known)
        result._asked = named.pop("required", result._asked)
        result.required = bool(result._asked) and result.default is None
        return result

    def unresolved(self) -> Self:
        """A copy without the arguments that need a configuration."""
        result = copy(self)
        for name, value in vars(self).items():
            if has_delayed(value):
                vars(result)[name] = {} if name == "options" else None
        return result

    # --- values ----------------------------------------------------------------------------------------------------

    @property
    def value_type(self) -> Any:
        """The type: as given, or the default's."""
        if self.type is not None:
            return self.type
        is_several = self.multiple and isinstance(self.default, list | tuple) and self.default
        return type_from_default(self.default[0] if is_several else self.default)

    @property
    def option_key(self) -> str:
        """What click calls the option: the name in lower case with underscores."""
        return self.name.replace("-", "_").lower()

    def convert(self, text: Any) -> Any:
        """The parameter's value for what was given as a text (or for ``multiple``, as several).

        A value that is of the type already stays as it is.

        Raises
        ------
        ParameterError
            That names the parameter and says what is wrong with the value.
        """
        if text is None:
            return None
        try:
            if self.multiple:
                parts = [text] if isinstance(text, str) else text
                return tuple(convert_text(self.value_type, part) for part in parts)
            return self._split(convert_text(self.value_type, text))
        except ValueError as error:
            raise ParameterError(f"parameter {self.name!r}: {error}") from None

    def evaluate_default(self, context: ParameterContext) -> Any:
        """The value of a run that was given none; a default function is called.

        Raises
        ------
        ParameterError
            If a value is required, or the default function raises or returns something of another type.
        """
        if self.default is None:
            if self.required:
                raise ParameterError(f"parameter {self.name!r} is required; give it with --{self.name} VALUE")
            return () if self.multiple else None
        if callable(self.default):
            return self._computed_default(context)
        return self._final(self.default)

    def _computed_default(self, context: ParameterContext) -> Any:
        function = self.default
        what = f"parameter {self.name!r}: its default function {getattr(function, '__name__', function)!r}"
        try:
            value = function(context)
        except Exception as error:
            text = f"{what} raised {type(error).__name__}: {error} ({self.file}:{self.line})"
            raise ParameterFieldFailed(text) from error
        if value is None:
            return None
        expected = self.value_type
        wrong_type = isinstance(expected, type) and not self.multiple and not isinstance(value, expected)
        if wrong_type and not (expected is float and isinstance(value, int)):
            raise ParameterFieldTypeMismatch(
                f"{what} returned {type(value).__name__}, and the parameter is of type {type_name(expected)}; "
                f"give the type: Parameter({self.name!r}, type={type(value).__name__}, …)"
            )
        return self._final(value)

    def _final(self, value: Any) -> Any:
        """A default, as an option's text would have become."""
        if self.multiple:
            return self.convert(value)
        is_own = isinstance(self.value_type, type) and isinstance(value, self.value_type)
        return self._split(value) if is_own else self.convert(value)

    def _split(self, value: Any) -> Any:
        return value.split(self.separator) if self.separator and isinstance(value, str) and value else value

    # --- for others ------------------------------------------------------------------------------------------------

    def spec(self) -> ParameterSpec:
        """The parameter without a value, for deployers."""
        computed = callable(self.default)
        return ParameterSpec(
            name=self.name,
            attribute=self.attribute,
            type=type_name(self.value_type),
            required=self.required,
            help=self.help or "",
            default=None if computed else self.default,
            has_default=self.default is not None,
            default_is_computed=computed,
            separator=self.separator,
            multiple=self.multiple,
        )

    def click_option(self) -> click.Option:
        """The command line's option. Its value is None where none was given; defaults are computed at the start."""
        from flowkit.authoring.parameter_options import make_option

        return make_option(self)


def parameters_of(flow_class: type[Any]) -> tuple[Parameter[Any], ...]:
    """The parameters of ``flow_class`` and its bases, in the order of their definition."""
    found: dict[str, Parameter[Any]] = {}
    for base in reversed(flow_class.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Parameter):
                # One that was set after the class was made hasn't been told its name.
                value.attribute = value.attribute or name
                found[name] = value
            elif name in found:
                del found[name]
    return tuple(found.values())
