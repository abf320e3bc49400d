"""Values of the plainest types, read from what was stored without unpickling it: nothing of a stored value is run."""

from __future__ import annotations

from flowkit.model.artifact import ArtifactEntry

__all__ = ["plain_value"]

_LONGEST = 200
#: What pickle writes around a value, and what it writes for a constant.
_AROUND = frozenset({"PROTO", "FRAME", "MEMOIZE", "STOP", "BINPUT", "LONG_BINPUT"})
_SCALARS = frozenset(
    {
        *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
        *("SHORT_BINUNICODE", "BINUNICODE", "SHORT_BINBYTES", "BINBYTES"),
    }
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_PLAIN = frozenset({"str", "int", "float", "bool", "NoneType", "bytes"})


def plain_value(entry: ArtifactEntry) -> str:
    """The value as Python writes it, if it is a text, number, truth value or None; else its type and size."""
    name = entry.type.removeprefix("builtins.")
    described = f"({name}, {entry.size} bytes)"
    if name not in _PLAIN or entry.inline is None or entry.serializer != "pickle":
        return described
    import pickletools

    try:
        found = [(op.name, argument) for op, argument, _ in pickletools.genops(entry.inline) if op.name not in _AROUND]
    except Exception:  # not a pickle that this Python knows
        return described
    operation, argument = found[0] if len(found) == 1 else ("", None)
    if operation not in _SCALARS and operation not in _CONSTANTS:
        return described
    shown = repr(_CONSTANTS.get(operation, argument))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
