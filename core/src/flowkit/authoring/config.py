"""Configurations: values that a flow is given before it is compiled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, overload

import attrs

from flowkit.authoring.bound import KEY
from flowkit.authoring.config_expressions import ConfigScope, DelayedValue
from flowkit.authoring.config_value import ConfigValue
from flowkit.errors import ConfigurationError

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from flowkit.authoring.binding import TaskBinding

    # A bare ``Config`` in an annotation is one of any type.
    T = TypeVar("T", default=Any)
else:
    from typing import TypeVar

    T = TypeVar("T")
V = TypeVar("V")

__all__ = ["Config", "ConfigDefinition", "configs_of", "definition_of", "shown_value"]

#: Name in a flow class's own attributes: values of its configurations by attribute, once they are known.
VALUES = "__flowkit_config_values__"
#: A parser: the text of a file to what it says.
Parser = Callable[[str], Any]


@attrs.define
class ConfigDefinition:
    """What a flow's author wrote of a configuration."""

    name: str
    #: Path of the file to read, or a function that computes it.
    default: Any = None
    #: The value itself: text, a mapping, or a function that computes one.
    default_value: Any = None
    help: str = ""
    required: bool = False
    parser: str | Parser | None = None
    plain: bool = False
    show_default: bool = True
    #: Name of the attribute and artifact.
    attribute: str = ""
    #: Where it was written: ``flow.py:12``.
    origin: str = ""


class Config(Generic[T]):
    """A configuration: a file, or a text, that is read when the flow starts, before its decorators act.

    Its value is an artifact of every task. In the class body, and in arguments of decorators and parameters, parts of
    it are written as attributes or items, which are looked up when the flow starts.

    Parameters
    ----------
    name
        What the command line knows it by: ``--config NAME FILE``, ``--config-value NAME TEXT``.
    default
        The file that is read if none is given, or a function of a ParameterContext that returns its path.
    default_value
        In place of ``default``: the value as a text or dict, or a function that returns one.
    help
        Shown by ``--help``.
    required
        A value must be given. Has no effect where there is a default.
    parser
        Turns the text into a mapping: a function, its dotted name, or the name of one that a plugin brings (``toml``,
        ``yaml``). Without it, the file's suffix decides; JSON is the rule.
    plain
        The value is what the parser returns, of whatever type, or without a parser the text.

    Examples
    --------
    >>> class Train(FlowSpec):
    ...     config = Config("config", default="train.json")
    ...     alpha = Parameter("alpha", default=config.model.alpha)
    ...
    ...     @resources(**config.resources)
    ...     @step
    ...     def start(self):
    ...         print(self.config.model.depth)
    """

    # The value's type. One that need not be given may be None: it is ``… | Any`` then, so that a flow may use it
    # without asking first.
    @overload
    def __init__(
        self: Config[V],
        name: str,
        default: Any = ...,
        default_value: Any = ...,
        *,
        required: bool | None = ...,
        parser: Callable[[str], V],
        plain: Literal[True],
        help: str | None = ...,
        show_default: bool = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: Config[Any],
        name: str,
        default: Any = ...,
        default_value: Any = ...,
        *,
        required: bool | None = ...,
        parser: str | Parser | None = ...,
        plain: Literal[True],
        help: str | None = ...,
        show_default: bool = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: Config[ConfigValue],
        name: str,
        default: Any,
        default_value: Any = ...,
        *,
        required: bool | None = ...,
        parser: str | Parser | None = ...,
        plain: Literal[False] = ...,
        help: str | None = ...,
        show_default: bool = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: Config[ConfigValue],
        name: str,
        *,
        default_value: Any,
        required: bool | None = ...,
        parser: str | Parser | None = ...,
        plain: Literal[False] = ...,
        help: str | None = ...,
        show_default: bool = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: Config[ConfigValue],
        name: str,
        *,
        required: Literal[True],
        parser: str | Parser | None = ...,
        plain: Literal[False] = ...,
        help: str | None = ...,
        show_default: bool = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: Config[ConfigValue | Any],
        name: str,
        *,
        required: Literal[False] | None = ...,
        parser: str | Parser | None = ...,
        plain: Literal[False] = ...,
        help: str | None = ...,
        show_default: bool = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: Config[Any],
        name: str,
        default: Any = ...,
        default_value: Any = ...,
        help: str | None = ...,
        required: bool | None = ...,
        parser: str | Parser | None = ...,
        plain: bool = ...,
        *,
        show_default: bool = ...,
    ) -> None: ...
    def __init__(
        self,
        name: str,
        default: Any = None,
        default_value: Any = None,
        help: str | None = None,  # noqa: A002
        required: bool | None = None,
        parser: str | Parser | None = None,
        plain: bool = False,
        *,
        show_default: bool = True,
    ) -> None:
        frame = sys._getframe(1)
        origin = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        if default is not None and default_value is not None:
            raise ConfigurationError(
                f"{origin}: Config({name!r}) has both default (a file) and default_value (the value itself); keep one"
            )
        has_default = default is not None or default_value is not None
        vars(self)["_definition"] = ConfigDefinition(
            name=name,
            default=default,
            default_value=default_value,
            help=help or "",
            required=bool(required) and not has_default,
            parser=parser,
            plain=plain,
            show_default=show_default,
            origin=origin,
        )

    # Every other name is a key of the configuration.

    def __set_name__(self, owner: Any, name: str) -> None:
        definition_of(self).attribute = name

    if TYPE_CHECKING:
        # What a flow's class body sees, of which any name is a key.
        def keys(self) -> Iterable[str]: ...

    @overload
    def __get__(self, instance: None, owner: Any) -> Any: ...
    @overload
    def __get__(self, instance: object, owner: Any) -> T: ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        attribute = definition_of(self).attribute
        if instance is None:
            return vars(owner).get(VALUES, {}).get(attribute, self)
        binding: TaskBinding | None = vars(instance).get(KEY)
        if binding is None:
            return vars(type(instance)).get(VALUES, {}).get(attribute, self)
        if attribute not in binding.names():
            raise AttributeError(f"the run has no value for the configuration {definition_of(self).name!r}")
        value = binding.constant(attribute)
        shown = shown_value(definition_of(self), value)
        if shown is not value:
            binding.constants[attribute] = shown
        return shown

    # Never: it is refused, and type checkers say so before.
    def __set__(self, instance: Any, value: Never) -> None:
        raise AttributeError(
            f"{type(instance).__name__}.{definition_of(self).attribute} is a configuration, the same in every task, "
            "and can't be set; assign to an attribute of another name"
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._delayed(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._delayed()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._delayed())

    def __format__(self, spec: str) -> str:
        return format(self._delayed(), spec)

    def __repr__(self) -> str:
        return f"Config({definition_of(self).name!r})"

    def _delayed(self) -> DelayedValue:
        definition = definition_of(self)

        def find(scope: ConfigScope) -> Any:
            if definition.name not in scope.by_name:
                raise ConfigurationError(
                    f"{definition.origin}: the configuration {definition.name!r} belongs to another flow, and is "
                    "only known in its class and in classes that derive from it"
                )
            return scope.by_name[definition.name]

        return DelayedValue(find, definition.attribute or definition.name, definition.origin)


def definition_of(config: Config) -> ConfigDefinition:
    """What was written of ``config``; a function, as all names of a Config are keys of its value."""
    definition: ConfigDefinition = vars(config)["_definition"]
    return definition


def shown_value(definition: ConfigDefinition, value: Any) -> Any:
    """A value as the flow's author sees it: a ConfigValue, but for plain ones."""
    if definition.plain or isinstance(value, ConfigValue) or not isinstance(value, Mapping):
        return value
    return ConfigValue(value)


def configs_of(flow_class: type[Any]) -> tuple[ConfigDefinition, ...]:
    """The configurations of ``flow_class`` and its bases, in the order of their definition."""
    found: dict[str, ConfigDefinition] = {}
    for base in reversed(flow_class.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Config):
                # One that was set after the class was made hasn't been told its name.
                definition_of(value).attribute = definition_of(value).attribute or name
                found[name] = definition_of(value)
            elif name in found:
                del found[name]
    return tuple(found.values())
