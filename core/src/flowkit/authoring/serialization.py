"""``@serialize``: how a step's artifacts are stored, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flowkit.authoring.decorators import note_on_flow, note_on_step, origin_of_caller
from flowkit.model.graph import DecoratorSpec

__all__ = ["serialize"]

Decorated = TypeVar("Decorated", bound=Callable[..., object])


def serialize(**artifacts: str) -> Callable[[Decorated], Decorated]:
    """Store artifacts that a step sets by serializers of your choice: ``@serialize(frame="parquet")``.

    On a step, it holds for that step; on a flow's class, for all steps, where a step's own choice counts before it. A
    value that the serializer can't store so that it loads equal fails the task.

    Parameters
    ----------
    **artifacts
        Names of artifacts, and for each a serializer: ``json``, ``parquet``, ``pickle``, or one that a plugin brings.
    """
    spec = DecoratorSpec("serialize", artifacts, origin_of_caller(2))

    def decorate(decorated: Decorated) -> Decorated:
        note = note_on_flow if isinstance(decorated, type) else note_on_step
        noted: Decorated = note(decorated, spec)
        return noted

    return decorate
