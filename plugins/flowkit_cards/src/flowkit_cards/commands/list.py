"""``card list``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit.plugin import AppContext
from flowkit_cards.client import StoredCard
from flowkit_cards.commands.finding import cards_in, find_run, find_tasks, no_card
from flowkit_cards.commands.options import Selection
from flowkit_cards.errors import CardsError

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["list_cards"]


def list_cards(
    context: AppContext, flow: str, path: str | None, selection: Selection, *, as_json: bool, target: str | None
) -> None:
    """List cards of a task, of a step's tasks, or of the newest run."""
    if path is None:
        run = find_run(flow, None)
        where, tasks = run.pathspec, [task for step in run for task in step]
    else:
        where, tasks = f"{flow}/{path}", list(find_tasks(flow, path))
    found = [(task, cards) for task in tasks if (cards := cards_in(task, selection))]
    if not found:
        raise no_card(where, selection)
    if as_json or target is not None:
        document: Any = [_document(task, cards) for task, cards in found]
        # A path that names one task gives that task's cards, not a list of one.
        _write(context, document[0] if path is not None and len(tasks) == 1 else document, target)
        return
    for task, cards in found:
        context.console.result(task.pathspec)
        for card in cards:
            context.console.result(f"    {_line(card)}")


def _document(task: Task, cards: Sequence[StoredCard]) -> dict[str, Any]:
    listed = [
        {"id": card.id, "hash": card.hash, "type": card.type, "filename": card.path.rpartition("/")[2]}
        for card in cards
    ]
    return {"pathspec": task.pathspec, "cards": listed}


def _line(card: StoredCard) -> str:
    parts = [f"type {card.type}", f"id {card.id}" if card.id else "", "live" if card.is_live else f"hash {card.hash}"]
    if card.origin_pathspec is not None:
        parts.append(f"made by {card.origin_pathspec}")
    return ", ".join(part for part in parts if part)


def _write(context: AppContext, document: Any, target: str | None) -> None:
    text = json.dumps(document, indent=4)
    if target is None:
        context.console.result(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CardsError(f"--file {target} can't be written: {error.strerror}") from None
    context.console.message(f"The list is in {target}")
