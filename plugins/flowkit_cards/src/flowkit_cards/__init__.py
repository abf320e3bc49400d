"""Cards for FlowKit: ``@card`` on a step makes a page of its results, live while it runs.

``from flowkit import card`` gives the same decorator, untyped; components are in :mod:`flowkit.cards`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

__all__ = ["card"]

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
    """Make a page of the step's results once its artifacts are stored.

    Parameters
    ----------
    type
        Which kind of card: ``default``, ``blank``, ``html``, or one that a plugin brings.
    id
        What ``current.card[id]`` and ``get_cards(id=...)`` call it. Letters, digits, ``_`` and ``.``.
    options
        JSON values for the type.
    timeout
        Seconds that making it may take.
    save_errors
        Store a card that says so if it can't be made; else none.
    customize
        This is the card that ``current.card.append`` means, of several.
    refresh_interval
        Seconds between two refreshes of a live card, at least.
    """
    from flowkit.authoring.decorators import step_decorator_factory

    decorate = step_decorator_factory("card")
    return decorate(function) if function is not None else decorate(**attributes)
