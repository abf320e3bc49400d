"""The components of one card, in order and by id."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

from flowkit_cards.components.base import CardComponent, Form, RendersForm, form_of
from flowkit_cards.errors import ComponentOverwriteNotSupported

__all__ = ["Components", "MissingComponent", "warn"]


def warn(message: str) -> None:
    """Say what is wrong with the use of a card; the step goes on."""
    sys.stderr.write(f"@card: {message}\n")


class MissingComponent(CardComponent):
    """Stands where a component was asked for by an id that none has: updates go nowhere, which is said once."""

    def __init__(self, name: str) -> None:
        self._missing, self._has_warned = name, False

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Warn."""
        if not self._has_warned:
            self._has_warned = True
            warn(
                f"there is no component {self._missing!r}, so updates of it do nothing; append it with "
                f"id={self._missing!r}"
            )

    def render(self) -> Form | str:
        """Nothing to see."""
        return ""


class Components:
    """What a card holds: a list, whose members can also be reached by their ids.

    Parameters
    ----------
    card
        The card, for messages.
    components
        What it begins with.
    """

    def __init__(self, card: str = "", components: Iterable[object] = ()) -> None:
        self._card = card
        self._members: dict[str, object] = {}
        self._counter = 0
        # Components that a running card doesn't follow, with their forms.
        self._shown: dict[str, tuple[object, Form]] = {}
        #: When a member was added or removed last, in seconds since the epoch.
        self.layout_last_changed_on = time.time()
        self.extend(components)

    def append(self, component: object, id: str | None = None) -> None:  # noqa: A002 (the name that flows use)
        """Add a component at the end; with the id of one that is there, in its place.

        Parameters
        ----------
        component
            A component, or anything with a ``render()``; text and other values are shown as such.
        id
            What to call it, for ``components[id]``.
        """
        if isinstance(component, type):
            warn(f"{component.__name__} is a class, not a component: it is left out")
            return
        self._store(component, id)

    def extend(self, components: Iterable[object]) -> None:
        """Add components at the end."""
        for component in components:
            self.append(component)

    def clear(self) -> None:
        """Remove all."""
        self._members.clear()
        self.layout_last_changed_on = time.time()

    def keys(self) -> list[str]:
        """Ids, in order."""
        return list(self._members)

    def values(self) -> list[object]:
        """Components, in order."""
        return list(self._members.values())

    def forms(self) -> dict[str, Form]:
        """Each component as JSON, by id."""
        members = {name: one for name, one in self._members.items() if not isinstance(one, MissingComponent)}
        return {name: {**form_of(one), "id": name} for name, one in members.items()}

    def live_forms(self) -> dict[str, Form]:
        """As :meth:`forms`, but what can't be updated stays as it was shown first, and isn't made again."""
        forms: dict[str, Form] = {}
        for name, member in self._members.items():
            if isinstance(member, MissingComponent):
                continue
            if name in self._shown and self._shown[name][0] is member:
                forms[name] = self._shown[name][1]
                continue
            forms[name] = {**form_of(member), "id": name}
            if not getattr(member, "REALTIME_UPDATABLE", False):
                self._shown[name] = (member, forms[name])
        return forms

    def __iter__(self) -> Iterator[object]:
        return iter(self.values())

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, name: object) -> bool:
        return name in self._members and not isinstance(self._members[str(name)], MissingComponent)

    def __getitem__(self, name: str) -> Any:
        """The component of that id; one that ignores updates, with a warning, if there is none."""
        if name not in self._members:
            self._members[name] = MissingComponent(name)
        return self._members[name]

    def __setitem__(self, name: str, component: object) -> None:
        """Add a component under a new id. Raises ComponentOverwriteNotSupported if there is one."""
        if name in self:
            raise ComponentOverwriteNotSupported(
                f"the card{self._card} has a component {name!r} already: update it, or replace all with "
                "current.card[ID] = [...]"
            )
        self._store(component, name)

    def __delitem__(self, name: str) -> None:
        if name not in self._members:
            raise KeyError(f"the card has no component {name!r}; it has: {', '.join(self._members) or 'none'}")
        del self._members[name]
        self.layout_last_changed_on = time.time()

    def __repr__(self) -> str:
        return f"<components: {', '.join(self._members) or 'none'}>"

    def _store(self, component: object, name: str | None) -> None:
        if name is None:
            own = component.component_id if isinstance(component, CardComponent) else None
            name = own if own is not None else self._new_name(component)
        name = str(name)
        if isinstance(component, CardComponent):
            component.component_id = name
        elif not isinstance(component, RendersForm):
            # Kept as it is now: the step may go on to change it.
            component = form_of(component)
        self._members[name] = component
        self.layout_last_changed_on = time.time()

    def _new_name(self, component: object) -> str:
        self._counter += 1
        return f"{type(component).__name__.lower()}_{self._counter}"
