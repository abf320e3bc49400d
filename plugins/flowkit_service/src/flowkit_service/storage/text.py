"""Text as databases take it: PostgreSQL has no NUL, and neither has lone surrogates."""

from __future__ import annotations

import json

__all__ = ["dump", "exact_form", "storable"]


def storable(text: str) -> str:
    """``text`` with what can't be stored shown by escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\0")


def exact_form(text: str) -> str | None:
    """How a text that can't be stored as it is can be told from others; None for one that can."""
    return None if storable(text) == text else json.dumps(text)


def dump(value: object) -> str:
    """JSON in plain ASCII, which any text can be part of."""
    return json.dumps(value, separators=(",", ":"))
