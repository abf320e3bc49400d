"""How client objects are written in a notebook, and what messages say of names that aren't there."""

from __future__ import annotations

import time
from collections.abc import Iterable

__all__ = ["age", "check_choice", "did_you_mean", "size"]

_UNITS = (("d", 86400), ("h", 3600), ("min", 60))
_SHOWN = 5


def age(at: float | None, now: float | None = None) -> str:
    """How long ago a time was, in one unit: ``2 min ago``."""
    if at is None:
        return ""
    seconds = max(0.0, (time.time() if now is None else now) - at)
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit} ago"
    return f"{int(seconds)} s ago"


def size(count: int) -> str:
    """A number of bytes with three digits: ``1.21 MB``."""
    if count < 1000:
        return f"{count} bytes"
    value = count / 1000
    for unit in ("kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def did_you_mean(name: object, known: Iterable[str], what: str) -> str:
    """What to add to a message about a missing name: close matches, or the first few names that are there."""
    names = list(known)
    if not names:
        return f"there are no {what}"
    from difflib import get_close_matches

    if close := get_close_matches(str(name), names, n=3):
        return f"did you mean {' or '.join(map(repr, close))}?"
    more = f", … ({len(names)} in all)" if len(names) > _SHOWN else ""
    return f"the {what} are {', '.join(map(repr, names[:_SHOWN]))}{more}"


def check_choice(name: str, value: str | None, choices: tuple[str, ...]) -> None:
    """Raise ValueError, with the choices, for a value that is given and none of them."""
    if value is not None and value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, and is {value!r}")
