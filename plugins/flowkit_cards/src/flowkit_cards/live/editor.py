"""One card while its step runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flowkit_cards.components.base import Form
from flowkit_cards.describe import Limits, simplify
from flowkit_cards.live.components import Components, warn

if TYPE_CHECKING:
    from flowkit_cards.live.plan import CardPlan

__all__ = ["CardEditor"]

#: What ``refresh(data)`` may hold.
_DATA_LIMITS = Limits(values=200_000, depth=50, text=5_000_000)


class CardEditor:
    """What ``current.card[id]`` gives: add components, and show them while the step runs.

    Parameters
    ----------
    plan
        The card.
    components
        What it begins with.
    """

    def __init__(self, plan: CardPlan, components: Iterable[object] = ()) -> None:
        self.plan = plan
        self._components = Components(f" {plan.id!r}" if plan.id else "", components)
        self._user_data: Any = None
        self._sequence = 0
        self._refreshed_at: float | None = None

    @property
    def components(self) -> Components:
        """The components, by id."""
        return self._components

    def append(self, component: object, id: str | None = None) -> None:  # noqa: A002 (the name that flows use)
        """Add a component at the end, under ``id`` if one is given."""
        self._components.append(component, id=id)

    def extend(self, components: Iterable[object]) -> None:
        """Add components at the end."""
        self._components.extend(components)

    def clear(self) -> None:
        """Remove all components."""
        self._components.clear()

    def replace(self, components: Iterable[object]) -> None:
        """Take these components in place of those that are there."""
        self._components = Components(f" {self.plan.id!r}" if self.plan.id else "", components)

    def refresh(self, data: Any = None, force: bool = False) -> None:
        """Store the card's present state, for those who look at it while the step runs.

        It takes a few milliseconds and never fails the step. Calls that come sooner than ``refresh_interval`` seconds
        after the last one that counted do nothing; the card that is stored at the end is always complete.

        Parameters
        ----------
        data
            JSON values for card types that make use of them.
        force
            Don't look at the interval.
        """
        self._user_data = data
        now = time.monotonic()
        is_early = self._refreshed_at is not None and now - self._refreshed_at < self.plan.refresh_interval
        if not self.plan.is_live or (is_early and not force):
            return
        self._refreshed_at = now
        self._sequence += 1
        try:
            self.plan.write_data(self.state("render_runtime" if force else "refresh"))
        except (Exception, SystemExit) as error:
            warn(f"the card can't be refreshed: {type(error).__name__}: {error}")

    @property
    def was_refreshed(self) -> bool:
        """Whether data of the card is stored."""
        return self._refreshed_at is not None

    def forms(self) -> list[Form]:
        """The components as JSON."""
        return list(self._components.forms().values())

    def state(self, mode: str, *, is_final: bool = False) -> dict[str, Any]:
        """All that a card type is told of the card while its task runs."""
        user = {} if self._user_data is None else simplify(self._user_data, _DATA_LIMITS).value
        return {
            "user": user,
            "components": self._components.forms() if is_final else self._components.live_forms(),
            "render_seq": "final" if is_final else self._sequence,
            "component_update_ts": self._components.layout_last_changed_on,
            "mode": mode,
        }

    def __iter__(self) -> Iterator[object]:
        return iter(self._components)

    def __len__(self) -> int:
        return len(self._components)

    def __repr__(self) -> str:
        return f"<card {self.plan.id or self.plan.type}: {len(self)} components>"
