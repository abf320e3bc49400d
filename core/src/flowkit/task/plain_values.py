"""Small values of plain types: those whose pickling is known to be cheap and to run no code of the user's."""

from __future__ import annotations

from typing import Any

__all__ = ["plain_pickle"]

#: Bytes of one value.
_MOST_BYTES = 16 * 1024
_MOST_PARTS = 1_000
_DEEPEST = 8
_ATOMS = (type(None), bool, float, complex)
_CONTAINERS = (list, tuple, set, frozenset)
#: Types of the standard library that pickle as what they are.
_NAMED = frozenset(
    {
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "pathlib.PosixPath",
        "pathlib.PurePosixPath",
        "pathlib._local.PosixPath",  # Python 3.13's name for it
        "pathlib._local.PurePosixPath",
        "uuid.UUID",
    }
)


def plain_pickle(value: Any) -> bytes | None:
    """The pickle of a small value of plain types; None for any other."""
    import pickle

    try:
        if not _Walk().is_plain(value, 0):
            return None
        data = pickle.dumps(value, protocol=4)
    except Exception:  # a container that another thread changes
        return None
    return data if len(data) <= _MOST_BYTES else None


class _Walk:
    """Looks at a value and all its parts, as long as they are few."""

    def __init__(self) -> None:
        self._parts = 0
        self._bytes = 0

    def is_plain(self, value: Any, depth: int) -> bool:
        self._parts += 1
        kind = type(value)
        if self._parts > _MOST_PARTS or depth > _DEEPEST:
            return False
        if kind in _ATOMS or f"{kind.__module__}.{kind.__qualname__}" in _NAMED:
            return True
        if kind is int:
            return bool(value.bit_length() <= 8 * _MOST_BYTES)
        if kind in (str, bytes, bytearray):
            self._bytes += len(value)
            return self._bytes <= _MOST_BYTES
        if kind in _CONTAINERS:
            return all(self.is_plain(part, depth + 1) for part in value)
        if kind is dict:
            return all(self.is_plain(k, depth + 1) and self.is_plain(v, depth + 1) for k, v in value.items())
        return self._is_small_array(value, kind)

    def _is_small_array(self, value: Any, kind: type[Any]) -> bool:
        """Arrays and scalars of numpy that hold numbers; numpy isn't imported for that."""
        if kind.__module__ != "numpy" or not hasattr(value, "dtype") or value.dtype.hasobject:
            return False
        self._bytes += int(value.nbytes)
        return self._bytes <= _MOST_BYTES
