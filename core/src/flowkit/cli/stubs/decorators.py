"""The signature of a plugin's decorator, for type checkers."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["decorator_stub"]

_PLAIN = {"bool": bool, "int": int, "float": float, "str": str}


def decorator_stub(name: str, decorator: type[Any] | None, plugin_module: str, bound: str) -> str:
    """Lines for a stub file.

    Where the plugin's own package has a function of that name and says that it is typed, it is that function; else
    the signature is made of the decorator's defaults.

    Parameters
    ----------
    decorator
        The class; None if it can't be loaded.
    plugin_module
        The module that the plugin's entry point names.
    bound
        The type variable of what is decorated.
    """
    package = plugin_module.partition(".")[0]
    if _offers(package, name):
        return f"from {package} import {name} as {name}\n"
    if decorator is None:
        return f"def {name}(*args: Any, **attributes: Any) -> Any: ...\n"
    doc = inspect.cleandoc(decorator.__doc__ or "").partition("\n")[0]
    body = f"\n    {_quoted(doc)}" if doc else " ..."
    keywords = _keywords(dict(decorator.defaults))
    return (
        f"@overload\ndef {name}(function: {bound}, /) -> {bound}:{body}\n"
        f"@overload\ndef {name}({keywords}) -> Callable[[{bound}], {bound}]:{body}\n"
    )


def _offers(package: str, name: str) -> bool:
    spec = find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not any((Path(folder) / "py.typed").exists() for folder in folders):
        return False
    try:
        return name in getattr(import_module(package), "__all__", ())
    except Exception:  # a package of someone else's, which may do anything
        return False


def _keywords(defaults: Mapping[str, Any]) -> str:
    if not defaults:
        return ""
    if not all(name.isidentifier() for name in defaults):
        return "**attributes: Any"
    return ", ".join(["*", *(f"{name}: {_type(value)} = {_shown(value)}" for name, value in defaults.items())])


def _type(value: Any) -> str:
    # None says nothing of what else there may be; a number may be given as a float, too.
    kind = next((name for name, one in _PLAIN.items() if type(value) is one), "Any")
    return "float" if kind == "int" else kind


def _shown(value: Any) -> str:
    return repr(value) if value is None or type(value) in _PLAIN.values() else "..."


def _quoted(text: str) -> str:
    return '"""' + text.replace("\\", "\\\\").replace('"', "'") + '"""'
