"""Two sets of files, compared in the form of ``git diff``."""

from __future__ import annotations

import base64
import difflib
import zlib
from collections.abc import Iterator, Mapping

import click

__all__ = ["coloured", "differences"]

_NO_NEWLINE = "\\ No newline at end of file\n"
_BYTES_A_LINE = 52


def differences(old: Mapping[str, bytes], new: Mapping[str, bytes], *, binary: bool = False) -> Iterator[str]:
    """What turns ``old`` into ``new``, contents by name, in lines that ``git apply`` understands.

    Parameters
    ----------
    binary
        Give contents that aren't text too, so that they can be applied; else it is only said that they differ.
    """
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield from _of_file(name, before, after, binary=binary)


def coloured(line: str) -> str:
    """One line, as terminals show it."""
    if line.startswith(("diff --git ", "--- ", "+++ ", "new file", "deleted file", "index ")):
        return click.style(line, bold=True)
    colours = {"-": "red", "+": "green", "@": "cyan"}
    return click.style(line, fg=colours[line[0]]) if line[:1] in colours else line


def _of_file(name: str, before: bytes | None, after: bytes | None, *, binary: bool) -> Iterator[str]:
    yield f"diff --git {_quoted('a/' + name)} {_quoted('b/' + name)}\n"
    if before is None:
        yield "new file mode 100644\n"
    if after is None:
        yield "deleted file mode 100644\n"
    old, new = _lines(before), _lines(after)
    if old is None or new is None:
        yield from _binary(name, before, after, whole=binary)
        return
    a = "/dev/null" if before is None else _header("a/" + name)
    b = "/dev/null" if after is None else _header("b/" + name)
    if not old and not new:  # an empty file comes or goes: there is no more to tell
        return
    yield f"--- {a}\n"
    yield f"+++ {b}\n"
    for line in list(difflib.unified_diff(old, new))[2:]:
        yield line
        if not line.endswith("\n"):
            yield "\n" + _NO_NEWLINE


def _lines(content: bytes | None) -> list[str] | None:
    """Lines with their ends; None for what isn't text."""
    if content is None:
        return []
    if b"\0" in content:
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    # Not splitlines(): only a line feed ends a line in a patch.
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _binary(name: str, before: bytes | None, after: bytes | None, *, whole: bool) -> Iterator[str]:
    if not whole:
        a = "/dev/null" if before is None else "a/" + name
        b = "/dev/null" if after is None else "b/" + name
        yield f"Binary files {a} and {b} differ\n"
        return
    yield f"index {_object_id(before)}..{_object_id(after)}{' 100644' if None not in (before, after) else ''}\n"
    yield "GIT binary patch\n"
    for content in (after or b"", before or b""):
        yield f"literal {len(content)}\n"
        packed = zlib.compress(content)
        for start in range(0, len(packed), _BYTES_A_LINE):
            part = packed[start : start + _BYTES_A_LINE]
            length = chr(ord("A") - 1 + len(part)) if len(part) <= 26 else chr(ord("a") - 27 + len(part))
            yield f"{length}{base64.b85encode(part, pad=True).decode('ascii')}\n"
        yield "\n"


def _object_id(content: bytes | None) -> str:
    """How git names a file's content."""
    import hashlib

    if content is None:
        return "0" * 40
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _quoted(name: str) -> str:
    """A name in a ``diff --git`` line: in quotes, where a reader could mistake it."""
    if name.isprintable() and not {'"', "\\"} & set(name):
        return name
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    octal = "".join(
        escapes.get(letter)
        or (letter if letter.isprintable() else "".join(f"\\{byte:03o}" for byte in letter.encode()))
        for letter in name
    )
    return f'"{octal}"'


def _header(name: str) -> str:
    # A tab ends a name with a blank in it.
    quoted = _quoted(name)
    return f"{quoted}\t" if " " in quoted and not quoted.startswith('"') else quoted
