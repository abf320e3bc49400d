"""How keys become paths: the one place that does it, and never leaves the root.

A component of ASCII letters, digits and ``_ - + = @ , .`` is its own file name. Every other character, and a dot at
the beginning, is written as ``%XX`` for each of its UTF-8 bytes, so that no file system's rules about case of
encodings, normal forms or hidden files matter. A component too long for a file name is cut: all pieces but the last
are folders whose names end with ``%+``, which nothing else does.
"""

from __future__ import annotations

import re

from flowkit.errors import DatastoreError

__all__ = ["ASIDE", "ASIDE_END", "CONTINUED", "TEMPORARY", "decode_name", "relative_path"]

#: Ends the name of a folder that is the beginning of one long component.
CONTINUED = "%+"
#: Begins the names of files that are being written. No component's name begins with a dot.
TEMPORARY = ".tmp-"
#: Begins the names of files that garbage collection has set aside, ``.aside-<name>~<random>``. Earlier versions left
#: out the end; no name has the character that it begins with.
ASIDE = ".aside-"
ASIDE_END = "~"

_MAX_NAME = 200
_PLAIN_NAME = r"[A-Za-z0-9_\-+=@,][A-Za-z0-9_\-+=@,.]{0,199}"
_is_plain_name = re.compile(_PLAIN_NAME).fullmatch
_is_plain_key = re.compile(rf"{_PLAIN_NAME}(?:/{_PLAIN_NAME})*").fullmatch
_ESCAPED = re.compile(r"(?:%[0-9A-F]{2})+")
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=@,.")


def relative_path(key: str) -> str:
    """The path of a key's object below the root.

    Raises
    ------
    DatastoreError
        If the key is empty, absolute, or has a component that could lead elsewhere.
    """
    if _is_plain_key(key):
        return key
    return "/".join(_encode(component, key) for component in key.split("/"))


def decode_name(name: str) -> str | None:
    """The (piece of a) component that a file name stands for, without the mark of a continued one.

    None if no key has that name: another program's file, or one that is being written.
    """
    if _is_plain_name(name):
        return name
    try:
        text = _ESCAPED.sub(_unescape, name)
    except UnicodeDecodeError:
        return None
    return text if text and _pieces(text) == [name] else None


def _unescape(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogatepass")


def _encode(component: str, key: str) -> str:
    if component in ("", ".", "..") or "\\" in component or "\0" in component:
        raise DatastoreError(f"{key!r} can't be an object's key: its part {component!r} could lead out of the root")
    return f"{CONTINUED}/".join(_pieces(component))


def _pieces(component: str) -> list[str]:
    """Encoded, and cut where it gets too long for one file name."""
    pieces: list[str] = []
    current: list[str] = []
    length = 0
    for character in component:
        if character in _SAFE and (current or character != "."):
            text = character
        else:
            text = "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
        if length + len(text) > _MAX_NAME:
            pieces.append("".join(current))
            current, length = [], 0
            if character == ".":
                text = "%2E"
        current.append(text)
        length += len(text)
    pieces.append("".join(current))
    return pieces
