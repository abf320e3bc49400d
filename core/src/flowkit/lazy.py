"""Modules whose names are imported when they are first used (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["is_from_import", "resolve", "table_of"]


def table_of(modules: Mapping[str, str]) -> dict[str, str]:
    """From ``{module: "names with blanks between"}`` to ``{name: module}``."""
    return {name: module for module, names in modules.items() for name in names.split()}


def resolve(namespace: dict[str, Any], table: Mapping[str, str], name: str) -> Any:
    """The object ``name`` of the module that the table says; kept in ``namespace``, so that it is looked up once."""
    from importlib import import_module

    value = namespace[name] = getattr(import_module(table[name]), name)
    return value


def is_from_import(depth: int = 2) -> bool:
    """Whether the caller's caller runs for ``from package import name``, rather than for ``package.name``.

    The import system asks a package for each name before it looks for a submodule, and turns an AttributeError into
    an ImportError of its own words; an ImportError it passes on.
    """
    return sys._getframe(depth).f_code.co_name == "_handle_fromlist"
