"""YAML, where the package for it is installed."""

from __future__ import annotations

from typing import Any

from flowkit.errors import ConfigurationError

__all__ = ["parse_yaml"]


def parse_yaml(text: str) -> Any:
    """The value of a YAML text, of plain types only."""
    try:
        import yaml
    except ImportError:
        raise ConfigurationError("YAML needs the package pyyaml: install it (pip install pyyaml)") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark is not None else ""
        raise ValueError(f"{where}{getattr(error, 'problem', None) or error}") from None
