"""Any value as text or as plain JSON, whatever the value does, within limits; what was cut is said.

Values are users': their ``__repr__`` may raise, they may hold themselves, they may be huge.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping, Sequence, Set
from typing import Any

import attrs

from flowkit_cards.drawing.words import bytes_text, count_text

__all__ = ["Limits", "Simplified", "cut_text", "describe", "display_text", "simplify", "type_name"]

#: Characters of one piece of text, where a component says nothing else.
TEXT_LIMIT = 200_000


def type_name(value: object) -> str:
    """The dotted type, without ``builtins``."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def cut_text(text: str, limit: int = TEXT_LIMIT) -> tuple[str, str]:
    """The text, at most ``limit`` characters of it, and a note of what was cut (empty if nothing was)."""
    if len(text) <= limit:
        return text, ""
    return text[:limit], f"cut: the first {limit:,} of {count_text(len(text), 'character')}"


def display_text(value: object, limit: int = TEXT_LIMIT) -> tuple[str, str]:
    """What a user sees of a value that stands for itself: text as it is, others as they print themselves."""
    if isinstance(value, str):
        return cut_text(str.__str__(value), limit)
    if isinstance(value, bytes | bytearray | memoryview):
        return describe(value, limit)
    try:
        return cut_text(str(value), limit)
    except (Exception, SystemExit) as error:
        return _unprintable(value, error), ""


def describe(value: object, limit: int = 2000) -> tuple[str, str]:
    """A value as a programmer writes it, shortened, and a note of what was cut."""
    if isinstance(value, str):
        shown, note = cut_text(str.__str__(value), limit)
        return (repr(shown) if not note else f"{shown!r}…"), note
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytes(memoryview(value).cast("B")[: limit // 4]) if not isinstance(value, memoryview) else b""
        size = value.nbytes if isinstance(value, memoryview) else len(value)
        cut = f"cut: {bytes_text(size)} in all" if size > len(raw) else ""
        return f"{raw!r}{'…' if cut else ''}", cut
    try:
        if isinstance(value, list | tuple | dict | set | frozenset) and type(value).__module__ == "builtins":
            return _describe_container(value, limit)
        return cut_text(repr(value), limit)
    except (Exception, SystemExit) as error:
        return _unprintable(value, error), ""


def _describe_container(value: Any, limit: int) -> tuple[str, str]:
    shortener = _Shortener()
    for kind in ("dict", "list", "tuple", "set", "frozenset"):
        setattr(shortener, f"max{kind}", max(limit // 20, 6))
    shortener.maxstring = shortener.maxother = max(limit // 4, 40)
    shortener.maxlevel = 8
    text = shortener.repr(value)
    shown, note = cut_text(text, limit)
    if not note and shortener.has_cut:
        note = f"shortened: {count_text(len(value), 'entry').replace('entrys', 'entries')} in all"
    return shown, note


class _Shortener(reprlib.Repr):
    """reprlib's, that survives values which can't print themselves and knows whether it left anything out."""

    has_cut = False

    def repr1(self, x: Any, level: int) -> str:
        try:
            text = super().repr1(x, level)
        except (Exception, SystemExit) as error:
            return _unprintable(x, error)
        if "..." in text and not isinstance(x, str):
            self.has_cut = True
        return text

    def repr_instance(self, x: Any, level: int) -> str:
        try:
            text = repr(x)
        except (Exception, SystemExit) as error:
            return _unprintable(x, error)
        return text if len(text) <= self.maxother else f"{text[: self.maxother]}..."


def _unprintable(value: object, error: BaseException) -> str:
    return f"<{type_name(value)}: its repr raised {type(error).__name__}>"


@attrs.define
class Limits:
    """How much of a value is kept by :func:`simplify`."""

    #: Values in all.
    values: int = 5000
    #: Levels of nesting.
    depth: int = 16
    #: Characters of one text.
    text: int = 10_000


@attrs.frozen
class Simplified:
    """A value as plain JSON."""

    value: Any
    #: What was cut, once each.
    notes: tuple[str, ...] = ()


def simplify(value: object, limits: Limits | None = None) -> Simplified:
    """A value as None, booleans, numbers, text, lists and dicts with text keys.

    NaN and infinities become text, bytes and foreign objects their description, a value inside itself a note.
    """
    work = _Simplifier(limits or Limits())
    return Simplified(work.of(value, 0), tuple(dict.fromkeys(work.notes)))


class _Simplifier:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.values
        self._inside: set[int] = set()
        self.notes: list[str] = []

    def of(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return self._integer(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else str(float(value))
        if isinstance(value, str):
            return self._noted(cut_text(str.__str__(value), self._limits.text))
        if isinstance(value, Mapping | Set) or (isinstance(value, Sequence) and not isinstance(value, bytes)):
            return self._container(value, depth)
        return self._foreign(value, depth)

    def _integer(self, value: int) -> Any:
        # Python refuses to print integers of thousands of digits, and no browser could read them.
        return int(value) if value.bit_length() <= 1024 else f"<an integer of {value.bit_length():,} bits>"

    def _container(self, value: Any, depth: int) -> Any:
        if id(value) in self._inside:
            return f"<the same {type_name(value)} again>"
        if depth >= self._limits.depth:
            self.notes.append(f"cut: more than {self._limits.depth} levels")
            return f"<{type_name(value)}>"
        self._inside.add(id(value))
        try:
            if isinstance(value, Mapping):
                return self._mapping(value, depth)
            return self._row(value, depth)
        except (Exception, SystemExit) as error:
            return _unprintable(value, error)
        finally:
            self._inside.discard(id(value))

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, item in value.items():
            if self._left <= 0:
                self._say_cut(len(kept), len(value))
                break
            kept[self._noted(display_text(key, 500))] = self.of(item, depth + 1)
        return kept

    def _row(self, value: Any, depth: int) -> list[Any]:
        kept: list[Any] = []
        for item in value:
            if self._left <= 0:
                self._say_cut(len(kept), len(value))
                break
            kept.append(self.of(item, depth + 1))
        return kept

    def _say_cut(self, kept: int, total: int) -> None:
        self.notes.append(f"cut: more than {self._limits.values:,} values; a part shows {kept:,} of {total:,}")

    def _foreign(self, value: Any, depth: int) -> Any:
        # numpy's scalars, and arrays small enough to list.
        item, size = getattr(value, "item", None), getattr(value, "size", None)
        if callable(item) and type(value).__module__ == "numpy":
            if getattr(value, "ndim", 1) == 0:
                return self.of(item(), depth)
            if isinstance(size, int) and size <= self._left:
                return self.of(value.tolist(), depth)
        return self._noted(describe(value, self._limits.text))

    def _noted(self, described: tuple[str, str]) -> str:
        text, note = described
        if note:
            self.notes.append(note)
        return text
