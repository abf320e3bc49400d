"""The value of a configuration: a dict that can't be changed, whose keys are attributes too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

__all__ = ["ConfigValue", "plain_value"]


class ConfigValue(dict[Any, Any]):
    """A configuration, or a part of it: ``config.model.depth`` is ``config["model"]["depth"]``.

    It is a dict, so that JSON and ``**config`` take it as it is. Mappings inside of it are ConfigValues, in lists too.
    Whatever would change it raises TypeError. Where a key has the name of a dict's method (``items``), the attribute
    is the method; use ``config["items"]``.
    """

    def __init__(self, data: Mapping[Any, Any]) -> None:
        super().__init__({key: _protected(value) for key, value in data.items()})

    @classmethod
    def fromkeys(cls, iterable: Iterable[Any], value: Any = None) -> ConfigValue:
        """A configuration of these keys, all with one value."""
        return cls(dict.fromkeys(iterable, value))

    def to_dict(self) -> dict[Any, Any]:
        """The same as plain dicts, lists and values, for the caller to change."""
        result: dict[Any, Any] = plain_value(self)
        return result

    def copy(self) -> ConfigValue:
        """Itself: there is nothing that could make two of them differ."""
        return self

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(_missing(name, self), name=name) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(key for key in self if isinstance(key, str) and key.isidentifier())]

    def __copy__(self) -> ConfigValue:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.to_dict(),))

    # --- what would change it ----------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise _refusal()

    def __delattr__(self, name: str) -> NoReturn:
        raise _refusal()

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise _refusal()

    def __delitem__(self, key: Any) -> NoReturn:
        raise _refusal()

    def __ior__(self, other: Any) -> NoReturn:  # type: ignore[misc]
        raise _refusal()

    def clear(self) -> NoReturn:
        """Raise TypeError."""
        raise _refusal()

    def update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise TypeError."""
        raise _refusal()

    def setdefault(self, key: Any, default: Any = None) -> NoReturn:
        """Raise TypeError."""
        raise _refusal()

    def pop(self, key: Any, default: Any = None) -> NoReturn:
        """Raise TypeError."""
        raise _refusal()

    def popitem(self) -> NoReturn:
        """Raise TypeError."""
        raise _refusal()


def plain_value(value: Any) -> Any:
    """``value`` with plain dicts in place of all mappings, also inside of lists, tuples and sets."""
    if isinstance(value, Mapping):
        return {key: plain_value(item) for key, item in value.items()}
    return _rebuilt(value, plain_value)


def _protected(value: Any) -> Any:
    if isinstance(value, ConfigValue):
        return value
    if isinstance(value, Mapping):
        return ConfigValue(value)
    return _rebuilt(value, _protected)


def _rebuilt(value: Any, convert: Any) -> Any:
    # Exact types: a subclass (a named tuple) may not be built from a list.
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(convert(item) for item in value)
    return value


def _refusal() -> TypeError:
    return TypeError("ConfigValue is immutable: a configuration is the same in every task; change a copy: to_dict()")


def _missing(name: str, known: Iterable[Any]) -> str:
    from difflib import get_close_matches

    keys = [key for key in known if isinstance(key, str)]
    close = get_close_matches(name, keys, 3)
    hint = f"did you mean {' or '.join(close)}?" if close else f"it has: {', '.join(sorted(keys)) or 'none'}"
    return f"the configuration has no {name!r}; {hint}"
