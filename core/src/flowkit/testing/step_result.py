"""What :func:`flowkit.testing.run_step` returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

__all__ = ["StepResult"]


@attrs.frozen(eq=False)
class StepResult:
    """What one step left, and where it went: ``result["model"]``, ``result.next``."""

    #: Name of the step.
    step: str
    #: All that a task of the step would have stored, by name: what the step set, what it inherited and didn't delete,
    #: parameters, configurations and class constants.
    artifacts: Mapping[str, Any]
    #: Names of the steps that follow, in the order of ``self.next``; of a switch, the chosen one. Empty after the last.
    next: tuple[str, ...] = ()
    #: Name of the artifact that ``foreach`` iterates over; None if there is no foreach.
    foreach: str | None = None
    #: The items, one for each task that a foreach starts; empty if there is no foreach.
    items: tuple[Any, ...] = ()
    #: How many tasks ``num_parallel`` starts; None if it isn't given.
    num_parallel: int | None = None
    #: Name of the artifact that chose the next step; None if it isn't a switch.
    condition: str | None = None
    #: What the step raised: with ``raises=False``, or where ``@catch`` handled it; else None.
    exception: BaseException | None = None
    #: How many times the step ran: more than once where ``@retry`` asks for it.
    attempts: int = 1
    #: Fields that decorators added to the task's metadata.
    metadata: Mapping[str, str] = attrs.field(factory=dict)

    def __getitem__(self, name: str) -> Any:
        """An artifact. Raises KeyError, which names those that are there."""
        if name not in self.artifacts:
            known = ", ".join(sorted(self.artifacts)) or "none"
            raise KeyError(f"step {self.step!r} left no artifact {name!r}; it left: {known}")
        return self.artifacts[name]

    def __contains__(self, name: object) -> bool:
        return name in self.artifacts

    def __iter__(self) -> Iterator[str]:
        """Names of the artifacts."""
        return iter(self.artifacts)

    def __repr__(self) -> str:
        ended = f"raised {type(self.exception).__name__}" if self.exception else f"next: {', '.join(self.next) or '-'}"
        return f"<{self.step}: {', '.join(sorted(self.artifacts)) or 'no artifacts'}; {ended}>"
