"""Finding what, inside a value, can't be pickled."""

from __future__ import annotations

import inspect
import io
import pickle
import time
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, GeneratorType, ModuleType
from typing import Any

from flowkit.artifacts.pickling import Reducers, pickle_to

__all__ = ["explain"]

#: Seconds after which the search ends, with what it has found so far.
_PATIENCE = 10.0
_MAX_DEPTH = 50


def explain(where: str, value: Any, error: BaseException, reducers: Reducers) -> str:
    """One sentence or two: which artifact, of which type, what in it can't be pickled, and what to do.

    Parameters
    ----------
    where
        How a user writes the value: ``self.model``.
    """
    kind = type(value)
    head = f"{where}, of type {kind.__module__}.{kind.__qualname__}, can't be pickled"
    if isinstance(error, RecursionError):
        return f"{head}: it is nested too deeply. Store a flat form of it (a list of nodes and their links, say)"
    path, culprit = _find(where, value, reducers)
    cause = f"{type(error).__name__}: {error}"
    what = _describe(culprit)
    found = f"{head}: it is {what} ({cause})" if path == where else f"{head}: {path} is {what} ({cause})"
    return f"{found}. {_mend(culprit)}"


def _find(where: str, value: Any, reducers: Reducers) -> tuple[str, Any]:
    """The innermost part that fails by itself, and how to write it."""
    end = time.monotonic() + _PATIENCE
    seen = {id(value)}
    for _ in range(_MAX_DEPTH):
        for suffix, part in _parts(value):
            if id(part) in seen:
                continue
            if time.monotonic() > end:
                return where, value
            if not _can_pickle(part, reducers):
                seen.add(id(part))
                where, value = where + suffix, part
                break
        else:
            break
    return where, value


class _Nowhere:
    def write(self, data: Any, /) -> None:
        return None


def _can_pickle(value: Any, reducers: Reducers) -> bool:
    try:
        pickle_to(value, _Nowhere(), [], reducers)
    except Exception:
        return False
    return True


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What a value is made of, each with what is written after the value to get it."""
    if isinstance(value, Mapping):
        yield from _items(value)
    elif isinstance(value, list | tuple):
        yield from ((f"[{index}]", part) for index, part in enumerate(value))
    elif isinstance(value, set | frozenset):
        yield from (("{…}", part) for part in value)
    if isinstance(value, type | ModuleType | FunctionType):
        return
    state = getattr(value, "__dict__", None)
    if isinstance(state, dict):
        yield from ((f".{name}", part) for name, part in state.items())
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            part = getattr(value, name, None)
            if part is not None and name not in ("__dict__", "__weakref__"):
                yield f".{name}", part
    yield from _reduced_parts(value)


def _items(value: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    try:
        pairs = list(value.items())
    except Exception:
        return
    for key, part in pairs:
        yield f"[{key!r}]", part
        yield f".keys()[{key!r}]", key


def _reduced_parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What the value itself says that it is made of, for types that keep their state elsewhere."""
    if isinstance(value, int | float | complex | str | bytes | list | tuple | dict | set | frozenset):
        return
    try:
        reduced = value.__reduce_ex__(4)
    except Exception:
        return
    if not isinstance(reduced, tuple):
        return
    # Its own class isn't a part: if that is what fails, the value is best described as a whole.
    arguments = reduced[1] if len(reduced) > 1 and isinstance(reduced[1], tuple) else ()
    for part in (*arguments, *reduced[2:3]):
        if part is not None and part is not type(value):
            yield f" (in what {type(value).__name__}.__reduce__ gives)", part


def _describe(value: Any) -> str:
    if isinstance(value, FunctionType):
        if value.__name__ == "<lambda>":
            return "a lambda"
        if "<locals>" in value.__qualname__:
            return f"the function {value.__name__}, which is defined inside another function"
        return f"the function {value.__module__}.{value.__qualname__}"
    if isinstance(value, GeneratorType):
        return "a generator"
    if isinstance(value, ModuleType):
        return f"the module {value.__name__}"
    if isinstance(value, io.IOBase):
        name = getattr(value, "name", None)
        return f"an open file ({name!r})" if name is not None else "an open file"
    if inspect.iscoroutine(value):
        return "a coroutine"
    if isinstance(value, type):
        return f"the class {value.__qualname__}"
    kind = type(value)
    if "<locals>" in kind.__qualname__:
        return f"an instance of the class {kind.__name__}, which is defined inside a function"
    return f"of type {kind.__module__}.{kind.__qualname__}"


def _mend(value: Any) -> str:
    kind = value if isinstance(value, type) else type(value)
    if isinstance(value, FunctionType | BuiltinFunctionType) or "<locals>" in kind.__qualname__:
        return "Define it at the top level of a module, or keep it in a local variable instead of self"
    if isinstance(value, GeneratorType):
        return "Make it a list, or keep it in a local variable instead of self"
    if isinstance(value, pickle.Pickler | ModuleType):
        return "Import it in the step that uses it"
    return "Keep it in a local variable instead of self, or delete it before the step ends"
