"""Lengths of time as users write them."""

from __future__ import annotations

import re

from flowkit.errors import ConfigurationError

__all__ = ["parse_duration"]

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")


def parse_duration(text: str, what: str) -> float:
    """Seconds. ``what`` is for messages. Raises ConfigurationError.

    >>> parse_duration("36h", "--grace")
    129600.0
    """
    match = _FORM.fullmatch(text.strip().lower())
    if match is None:
        if text.strip() == "0":
            return 0.0
        raise ConfigurationError(f"{what} must be a number and a unit, as 30d, 12h, 45m or 90s, and is {text!r}")
    return float(match[1]) * _SECONDS[match[2]]
