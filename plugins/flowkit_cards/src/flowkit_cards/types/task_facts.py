"""What the head of a page says of a task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from flowkit_cards.drawing.words import duration_text, moment_text
from flowkit_cards.page.assemble import Fact

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["head_of"]


def head_of(task: Task, *, is_final: bool) -> Sequence[Fact]:
    """State, times and who: one line each."""
    began = task.created_at
    ended = task.finished_at
    facts = [_state(task, is_final), Fact("Started", moment_text(began))]
    if is_final or ended is not None:
        # A card is made before its task is recorded as done.
        facts.append(Fact("Time", duration_text(((ended or datetime.now()) - began).total_seconds())))
    users = [tag.removeprefix("user:") for tag in task.system_tags if tag.startswith("user:")]
    if users:
        facts.append(Fact("User", ", ".join(users)))
    if task.index is not None:
        facts.append(Fact("Index", str(task.index)))
    if task.current_attempt:
        facts.append(Fact("Attempt", str(task.current_attempt)))
    if tags := sorted(task.user_tags):
        facts.append(Fact("Tags", ", ".join(tags)))
    return facts


def _state(task: Task, is_final: bool) -> Fact:
    if task.finished and task.exception is not None:
        return Fact("State", "failed", "bad")
    return Fact("State", "done", "good") if is_final or task.finished else Fact("State", "running", "busy")
