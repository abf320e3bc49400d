"""Values that aren't known before the configurations are: ``config.key`` in a flow's class body, ``config_expr``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flowkit.errors import ConfigurationError

__all__ = ["ConfigScope", "DelayedValue", "config_expr", "has_delayed", "resolved", "resolved_arguments"]

#: Begins the one key that a delayed value has when it is unpacked by ``**``.
UNPACKED = "__flowkit_unpacked__"


class ConfigScope:
    """The configurations of one flow, as delayed values look them up.

    Parameters
    ----------
    by_name, by_attribute
        Values, as the flow's author sees them, by the configurations' names and by the names of their attributes.
    """

    def __init__(self, by_name: Mapping[str, Any], by_attribute: Mapping[str, Any]) -> None:
        self.by_name = by_name
        self.by_attribute = by_attribute

    def names(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """What an expression sees besides ``known``, its globals: those go before names of attributes."""
        own = {name: value for name, value in self.by_attribute.items() if name not in known}
        return {**own, **self.by_name}


class DelayedValue:
    """A value that is looked up when the configurations are known. Attributes and items of it are such values too.

    It can be an argument of a decorator or a parameter, also inside a list or dict; ``**value`` gives them several.
    """

    def __init__(self, root: Callable[[ConfigScope], Any], text: str, origin: str) -> None:
        self.__root = root
        self.__text = text
        self.__origin = origin

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__derived(lambda scope: _attribute(evaluate(self, scope), name), f".{name}")

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str) and key.startswith(UNPACKED):
            return self
        return self.__derived(lambda scope: evaluate(self, scope)[resolved(key, scope)], f"[{key!r}]")

    def get(self, key: Any, default: Any = None) -> Any:
        """The item ``key`` of what this will be; ``default`` if there is none."""
        return self.__derived(
            lambda scope: evaluate(self, scope).get(resolved(key, scope), resolved(default, scope)), f".get({key!r})"
        )

    def keys(self) -> list[str]:
        """One key that stands for all: so ``**value`` works before it is known."""
        return [f"{UNPACKED}{id(self)}"]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __format__(self, spec: str) -> str:
        raise TypeError(
            f"{self.__text} isn't known yet where a flow's class is defined, and can't be part of a text there; "
            f"write config_expr({f'str({self.__text})'!r}), with the whole text as an expression"
        )

    def __repr__(self) -> str:
        return f"<{self.__text}, known when the flow starts>"

    def __derived(self, root: Callable[[ConfigScope], Any], more: str) -> DelayedValue:
        return DelayedValue(root, f"{self.__text}{more}", self.__origin)

    def __reduce__(self) -> Any:
        raise TypeError(f"{self.__text} isn't known yet and can't be stored")


def config_expr(expression: str) -> Any:
    """A value that is computed from the flow's configurations once they are known.

    Where a configuration's name isn't in scope, as above the flow's class, and for more than a look-up:
    ``@project(name=config_expr("config").name)``, ``@environment(vars=config_expr("to_variables(config.env)"))``.

    Parameters
    ----------
    expression
        Python. It sees the configurations by name, and the globals of the module that calls this.
    """
    frame = sys._getframe(1)
    names = frame.f_globals
    origin = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    try:
        code = compile(expression.strip(), f"<config_expr at {origin}>", "eval")
    except (SyntaxError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{origin}: config_expr({expression!r}) isn't a Python expression: {error}") from None
    # The flow author's own text, as every line of the file that it stands in.
    return DelayedValue(lambda scope: eval(code, names, scope.names(names)), expression.strip(), origin)  # noqa: S307


def evaluate(value: DelayedValue, scope: ConfigScope) -> Any:
    """What ``value`` stands for.

    Raises
    ------
    ConfigurationError
        If it can't be computed; says which expression, and what is near a name that isn't there.
    """
    text, origin = vars(value)["_DelayedValue__text"], vars(value)["_DelayedValue__origin"]
    try:
        return vars(value)["_DelayedValue__root"](scope)
    except ConfigurationError:
        raise
    except Exception as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"
        if isinstance(error, AttributeError):
            reason = str(error)
        if isinstance(error, NameError):
            reason = f"{error}; the flow's configurations are: {', '.join(sorted(scope.by_name)) or 'none'}"
        raise ConfigurationError(f"{origin}: {text} can't be computed: {reason}") from error


def has_delayed(value: Any) -> bool:
    """Whether ``value`` is, or has in it, one that isn't known before the configurations are."""
    if isinstance(value, DelayedValue):
        return True
    if isinstance(value, dict):
        return any(has_delayed(key) or has_delayed(item) for key, item in value.items())
    return type(value) in (list, tuple, set) and any(has_delayed(item) for item in value)


def resolved(value: Any, scope: ConfigScope) -> Any:
    """``value`` with all delayed values in it looked up. Raises ConfigurationError."""
    if isinstance(value, DelayedValue):
        return evaluate(value, scope)
    if not has_delayed(value):
        return value
    if isinstance(value, dict):
        return resolved_arguments(value, scope)
    return type(value)(resolved(item, scope) for item in value)


def resolved_arguments(arguments: Mapping[Any, Any], scope: ConfigScope) -> dict[Any, Any]:
    """The same for named arguments, or a dict: what was given as ``**config`` becomes its items."""
    result: dict[Any, Any] = {}
    for key, value in arguments.items():
        known = resolved(value, scope)
        if isinstance(key, str) and key.startswith(UNPACKED):
            if not isinstance(known, Mapping):
                raise ConfigurationError(f"** needs a part of a configuration that has keys, not {known!r}")
            result.update(known)
        else:
            result[resolved(key, scope)] = known
    return result


def _attribute(value: Any, name: str) -> Any:
    if isinstance(value, Mapping) and name in value:
        return value[name]
    return getattr(value, name)
