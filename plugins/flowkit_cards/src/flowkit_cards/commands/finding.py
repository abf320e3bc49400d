"""From what a user wrote to tasks and cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from flowkit.plugin import NotFound
from flowkit_cards.client import StoredCard, all_namespaces, get_cards
from flowkit_cards.commands.options import Selection
from flowkit_cards.errors import CardNotPresent, CardsError

if TYPE_CHECKING:
    from flowkit import Run, Step, Task

__all__ = ["cards_in", "find_run", "find_tasks", "one_card"]

#: Shorter prefixes of hashes are too likely to be meant otherwise.
_SHORTEST_HASH = 5


def find_run(flow: str, run_id: str | None) -> Run:
    """A run; the latest in the namespace in force, if no id is given. Raises NotFound."""
    from flowkit import Flow, Run

    if run_id is not None:
        with all_namespaces():
            return Run(f"{flow}/{run_id}")
    latest = Flow(flow).latest_run
    if latest is None:
        raise NotFound(f"{flow} has no runs in this namespace")
    return latest


def find_tasks(flow: str, path: str) -> Sequence[Task]:
    """Tasks that ``STEP``, ``RUN/STEP`` or ``RUN/STEP/TASK`` names, newest first. Raises NotFound, CardsError."""
    parts = path.strip("/").split("/")
    if len(parts) == 4 and parts[0] == flow:
        parts = parts[1:]
    if len(parts) not in (1, 2, 3) or not all(parts):
        raise CardsError(f"{path!r} is not of the form STEP, RUN/STEP or RUN/STEP/TASK")
    run = find_run(flow, parts[0] if len(parts) > 1 else None)
    step: Step = run[parts[1] if len(parts) > 1 else parts[0]]
    return [step[parts[2]]] if len(parts) == 3 else list(step.tasks())


def cards_in(task: Task, selection: Selection) -> list[StoredCard]:
    """The cards of a task that are meant; perhaps none. Raises CardsError for a hash that is too short."""
    if selection.hash is not None and len(selection.hash) < _SHORTEST_HASH:
        raise CardsError(f"--hash {selection.hash}: give {_SHORTEST_HASH} characters of the hash, or more")
    found = get_cards(task, selection.id, selection.type, selection.follow_resumed)
    return [card for card in found if selection.hash is None or (card.hash or "").startswith(selection.hash)]


def one_card(flow: str, path: str, selection: Selection) -> StoredCard:
    """The only card that is meant, of the newest task that has one.

    Raises
    ------
    CardNotPresent
        If there is none, or more than one, which are listed.
    """
    for task in find_tasks(flow, path):
        cards = cards_in(task, selection)
        if len(cards) > 1:
            listed = "\n".join(f"    {line}" for line in _lines(cards))
            raise CardNotPresent(
                f"{task.pathspec} has {len(cards)} such cards; choose by --type, --id or --hash:\n{listed}"
            )
        if cards:
            return cards[0]
    raise no_card(f"{flow}/{path}", selection)


def no_card(where: str, selection: Selection) -> CardNotPresent:
    """The error to raise where there is none."""
    chosen = str(selection)
    return CardNotPresent(f"there is no card{f' with {chosen}' if chosen else ''} in {where}")


def _lines(cards: Sequence[StoredCard]) -> Iterator[str]:
    for card in cards:
        yield f"--hash {(card.hash or 'live')[:10]}  type {card.type}" + (f"  id {card.id}" if card.id else "")
