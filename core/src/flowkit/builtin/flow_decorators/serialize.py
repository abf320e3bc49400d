"""``@serialize`` on a flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit.builtin.step_decorators.serialize import checked_choice
from flowkit.interfaces.flow_decorator import FlowDecorator
from flowkit.model.graph import DecoratorSpec

__all__ = ["SerializeDecorator"]


class SerializeDecorator(FlowDecorator):
    """Chooses serializers for what any step sets."""

    name = "serialize"
    allow_multiple = True

    def __init__(self, spec: DecoratorSpec) -> None:
        self.spec = spec
        self.attributes: dict[str, Any] = checked_choice(spec)

    def serializers(self) -> Mapping[str, str]:
        """By artifact, the serializer that was chosen."""
        return self.attributes
