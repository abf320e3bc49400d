"""Cards for FlowKit: ``@card`` on a step makes a page of its results, live while it runs.

``card`` is the decorator, as ``from flowkit import card`` gives it, with types; components are in
:mod:`flowkit.cards`. Its arguments, all by name:

type
    Which kind of card: ``default``, ``blank``, ``html``, or one that a plugin brings.
id
    What ``current.card[id]`` and ``get_cards(id=...)`` call it: letters, digits, ``_`` and ``.``.
options
    JSON values for the type.
timeout
    Seconds that making it may take; 45.
save_errors
    Store a card that says so if it can't be made; else none.
customize
    This is the card that ``current.card.append`` means, of several.
refresh_interval
    Seconds between two refreshes of a live card, at least; 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar, overload

    StepFunction = TypeVar("StepFunction", bound=Callable[..., Any])

    @overload
    def card(function: StepFunction, /) -> StepFunction: ...
    @overload
    def card(
        *,
        type: str = "default",
        id: str | None = None,
        options: Mapping[str, Any] = ...,
        timeout: float = 45,
        save_errors: bool = True,
        customize: bool = False,
        refresh_interval: float = 1,
    ) -> Callable[[StepFunction], StepFunction]: ...
    def card(function: Any = None, /, **attributes: Any) -> Any:
        """Make a page of the step's results once its artifacts are stored."""


__all__ = ["card"]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name == "card":
            # The same object: it notes where in the flow it stands.
            from flowkit import card

            return card
        raise AttributeError(f"module 'flowkit_cards' has no attribute {name!r}")
