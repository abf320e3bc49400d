"""What can be wrong with cards, as users meet it."""

from __future__ import annotations

from flowkit.plugin import FlowkitError, NotFound

__all__ = [
    "CardNotPresent",
    "CardTimeout",
    "CardsError",
    "ChartsUnavailable",
    "ComponentOverwriteNotSupported",
    "UnknownCardType",
]


class CardsError(FlowkitError):
    """A card can't be made, found or shown."""

    headline = "Card error"


class CardNotPresent(NotFound):
    """No stored card is as asked for."""

    headline = "Card not found"


class UnknownCardType(CardsError):
    """No plugin brings the card type."""

    headline = "Unknown card type"
    exit_code = 2


class CardTimeout(CardsError):
    """A card took longer to make than its ``timeout``."""

    headline = "Card timed out"


class ChartsUnavailable(CardsError):
    """The library that draws charts isn't installed."""

    headline = "Charts need vl-convert"


class ComponentOverwriteNotSupported(CardsError):
    """A component that is there can't be replaced under its id."""

    headline = "Component is there already"
