"""One attempt, as decorators see it from inside the task's process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import attrs

from flowkit.engine.redaction import Redactor
from flowkit.model.graph import Graph
from flowkit.model.task import TaskSpec

__all__ = ["AttemptContext"]


@attrs.define
class AttemptContext:
    """A :class:`flowkit.interfaces.step_decorator.TaskContext`."""

    spec: TaskSpec
    graph: Graph
    #: The FlowSpec instance: artifacts are its attributes.
    flow: Any
    #: The inputs of a join; None elsewhere.
    inputs: Any
    #: What ``current`` answers; a decorator may add to it.
    current: Any
    #: What the step raised, after what decorators of the user's own made of it; None if it went well.
    raised: BaseException | None = attrs.field(default=None, init=False)
    send_secrets: Callable[[Sequence[str]], None]
    #: Fields for the task's metadata, as decorators added them.
    metadata: dict[str, str] = attrs.field(factory=dict)
    #: Takes secrets out of what is recorded of the attempt.
    redactor: Redactor = attrs.field(factory=Redactor)
    #: What the items of an unbounded foreach are, in its control task.
    items: Iterable[Any] | None = None

    def is_last_attempt(self) -> bool:
        """Whether no attempt that runs the user's code follows this one."""
        return self.spec.attempt >= self.spec.user_attempts - 1

    def fan_out(self, items: Iterable[Any]) -> None:
        """In the control task of an unbounded foreach: what the items are. Each gets a task of this step."""
        self.items = items

    def add_metadata(self, field: str, value: str) -> None:
        """Record a field of the task's metadata."""
        self.metadata[field] = str(value)

    def add_secrets(self, values: Iterable[str]) -> None:
        """Redact these values wherever the task's output is stored or shown. Call it before user code runs."""
        given = [value for value in values if value]
        self.redactor.add(given)
        self.send_secrets(given)

    def redacted(self, text: str) -> str:
        """The text without the values that were given to :meth:`add_secrets`."""
        return self.redactor.redact_text(text)
