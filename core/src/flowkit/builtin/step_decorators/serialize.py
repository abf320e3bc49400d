"""``@serialize`` on a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit.errors import InvalidDecorator
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.model.graph import DecoratorSpec

__all__ = ["SerializeDecorator", "checked_choice"]


class SerializeDecorator(StepDecorator):
    """Chooses serializers for what one step sets."""

    name = "serialize"
    allow_multiple = True

    def __init__(self, spec: DecoratorSpec) -> None:
        # Any name is an argument, so nothing is looked for among the defaults.
        self.spec = spec
        self.attributes: dict[str, Any] = checked_choice(spec)

    def serializers(self) -> Mapping[str, str]:
        """By artifact, the serializer that was chosen."""
        return self.attributes


def checked_choice(spec: DecoratorSpec) -> dict[str, Any]:
    """The arguments of the decorator. Raises InvalidDecorator if one isn't the name of a serializer."""
    if not spec.attributes:
        raise InvalidDecorator(f'{spec.origin}: @serialize needs the name of an artifact: @serialize(frame="parquet")')
    for artifact, serializer in spec.attributes.items():
        if not isinstance(serializer, str) or not serializer:
            raise InvalidDecorator(
                f"{spec.origin}: @serialize({artifact}={serializer!r}): {artifact} must be a serializer's name"
            )
    return dict(spec.attributes)
