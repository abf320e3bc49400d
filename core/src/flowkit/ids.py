"""Pathspecs: how flows, runs, steps, tasks and artifacts are named."""

from __future__ import annotations

from typing import Literal

import attrs

from flowkit.errors import InvalidPathspec

__all__ = ["Kind", "Pathspec", "check_component"]

Kind = Literal["flow", "run", "step", "task", "artifact"]
_KINDS: tuple[Kind, ...] = ("flow", "run", "step", "task", "artifact")


def check_component(value: str, what: str = "name") -> str:
    """Return ``value`` if it can be one component of a pathspec (and of a storage key); else raise InvalidPathspec."""
    if not value or value in (".", "..") or "/" in value or "\\" in value or "\0" in value or value != value.strip():
        raise InvalidPathspec(f"{value!r} can't be a {what}: it must be non-empty, with no slash and no outer space")
    return value


@attrs.frozen
class Pathspec:
    """``Flow[/run[/step[/task[/artifact]]]]``.

    >>> Pathspec.parse("HelloFlow/12/start").kind
    'step'
    """

    components: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, kind: Kind | None = None) -> Pathspec:
        """Parse ``text``; with ``kind``, it must name that.

        Raises
        ------
        InvalidPathspec
            If a component is empty or has a character that none may have, or the number of components is wrong.
        """
        parts = tuple(text.split("/"))
        form = "/".join(("Flow", "run", "step", "task", "artifact")[: 5 if kind is None else _KINDS.index(kind) + 1])
        if len(parts) > 5 or (kind is not None and len(parts) != _KINDS.index(kind) + 1):
            raise InvalidPathspec(f"{text!r} is not of the form {form}")
        for part in parts:
            try:
                check_component(part)
            except InvalidPathspec as error:
                raise InvalidPathspec(f"{text!r} is not of the form {form}: {error.message}") from None
        return cls(parts)

    @classmethod
    def of(cls, *components: str) -> Pathspec:
        """Build from components that are already known to be valid."""
        return cls(components)

    @property
    def kind(self) -> Kind:
        """What this names."""
        return _KINDS[len(self.components) - 1]

    @property
    def parent(self) -> Pathspec | None:
        """The enclosing object's pathspec; None for a flow."""
        return Pathspec(self.components[:-1]) if len(self.components) > 1 else None

    def child(self, name: str) -> Pathspec:
        """The pathspec of the object ``name`` in this one."""
        return Pathspec((*self.components, check_component(name)))

    def __str__(self) -> str:
        return "/".join(self.components)
