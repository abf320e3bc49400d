"""``current.card``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from flowkit_cards.components.base import Form
from flowkit_cards.live.components import Components, warn
from flowkit_cards.live.editor import CardEditor

__all__ = ["CurrentCards"]


class CurrentCards:
    """The cards of the step that runs.

    Its own methods work on one of them: the one with ``customize=True``, else the only one that takes components, else
    the only one of those that has no id. Any card that has an id is ``current.card[id]``. What can't be decided is
    said on stderr, once, and does nothing.
    """

    def __init__(self) -> None:
        self._editors: list[CardEditor] = []
        self._warned: set[str] = set()

    def add(self, editor: CardEditor) -> None:
        """Take in one more card. All are there before the step's code runs."""
        self._editors.append(editor)
        self.__dict__.pop("_default", None)

    # --- one card among several ------------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> CardEditor | _Nowhere:
        """The card of that id; one that goes nowhere, with a warning, if there is none."""
        found = [editor for editor in self._editors if editor.plan.id == name]
        if len(found) == 1:
            return found[0]
        problem = "several cards have that id" if found else f"no card has that id; write @card(id={name!r})"
        self._warn(f"current.card[{name!r}]: {problem}. What is added to it is dropped")
        return _Nowhere()

    def __setitem__(self, name: str, components: Iterable[object]) -> None:
        """Give the card of that id these components in place of all that it has."""
        if not isinstance(components, list | tuple):
            self._warn(f"current.card[{name!r}] takes a list of components, not a {type(components).__name__}")
            return
        editor = self[name]
        if isinstance(editor, CardEditor):
            editor.replace(components)

    def __contains__(self, name: object) -> bool:
        return any(editor.plan.id == name for editor in self._editors if name is not None)

    def get(self, type: str | None = None) -> Sequence[CardEditor]:  # noqa: A002 (the name that flows use)
        """Cards of a type."""
        return [editor for editor in self._editors if editor.plan.type == type]

    def __len__(self) -> int:
        return len(self._editors)

    def __iter__(self) -> Iterator[object]:
        return iter(self._default.components if self._default is not None else ())

    # --- the one card ----------------------------------------------------------------------------------------------

    def append(self, component: object, id: str | None = None) -> None:  # noqa: A002 (the name that flows use)
        """Add a component to the card.

        Parameters
        ----------
        component
            A component, or anything with a ``render()``; text and other values are shown as such.
        id
            What to call it, for ``current.card.components[id]``.
        """
        if (editor := self._one("append")) is not None:
            editor.append(component, id=id)

    def extend(self, components: Iterable[object]) -> None:
        """Add several components to the card."""
        if (editor := self._one("extend")) is not None:
            editor.extend(components)

    def clear(self) -> None:
        """Remove all components of the card."""
        if (editor := self._one("clear")) is not None:
            editor.clear()

    @property
    def components(self) -> Components:
        """Components of the card, by id."""
        editor = self._one("components")
        return editor.components if editor is not None else Components()

    def refresh(self, data: Any = None, force: bool = False) -> None:
        """Show the card's present state to those who look at it: :meth:`CardEditor.refresh`."""
        if (editor := self._one("refresh")) is not None:
            editor.refresh(data, force)

    def __repr__(self) -> str:
        return f"<current.card: {', '.join(editor.plan.id or editor.plan.type for editor in self._editors)}>"

    # --- how -------------------------------------------------------------------------------------------------------

    @cached_property
    def _default(self) -> CardEditor | None:
        editable = [editor for editor in self._editors if editor.plan.is_editable]
        custom = [editor for editor in editable if editor.plan.customize]
        if len(custom) > 1:
            self._warn("several cards of this step have customize=True, where one may: it counts for none")
        plain = [editor for editor in editable if editor.plan.id is None]
        for choice in (custom, editable, plain):
            if len(choice) == 1:
                return choice[0]
        return None

    def _one(self, what: str) -> CardEditor | None:
        if self._default is None:
            if any(editor.plan.is_editable for editor in self._editors):
                problem = "this step has several cards; give each an id and write current.card[ID]"
            else:
                types = ", ".join(repr(editor.plan.type) for editor in self._editors)
                problem = f"no card of this step takes components (types: {types})"
            self._warn(f"current.card.{what} does nothing: {problem}")
        return self._default

    def _warn(self, message: str) -> None:
        if message in self._warned:
            return
        self._warned.add(message)
        warn(message)
        said: Form = {"type": "error", "title": "@card warning", "text": message}
        for editor in self._editors:
            if editor.plan.is_editable:
                editor.append(said)


class _Nowhere(list[object]):
    """Takes what a card would, and drops it."""

    def append(self, component: object, id: str | None = None) -> None:  # noqa: A002 (the name that flows use)
        """Nothing."""

    def extend(self, components: Iterable[object]) -> None:
        """Nothing."""

    def refresh(self, data: Any = None, force: bool = False) -> None:
        """Nothing."""

    @property
    def components(self) -> Components:
        """Components that are shown nowhere."""
        return Components()
