"""Runs and their cards, as the viewer lists them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.plugin import Datastore, NotFound
from flowkit_cards.client import StoredCard, all_namespaces, store_of
from flowkit_cards.layout import is_card_key, run_prefix_of, task_of_key
from flowkit_cards.store import StoredName, group_keys, read_json

if TYPE_CHECKING:
    from flowkit import Run

__all__ = ["ListedCard", "RunCards", "list_runs"]

_MAX_RUNS = 40


def list_runs(flow: str | None) -> list[dict[str, Any]]:
    """The newest runs in the namespace in force, of one flow or of all."""
    from flowkit import Flow, FlowKit

    flows = [Flow(flow)] if flow is not None else list(FlowKit())
    runs = [run for one in flows for run in islice(one.runs(), _MAX_RUNS)]
    runs.sort(key=lambda run: run.created_at, reverse=True)
    return [_describe_run(run) for run in runs[:_MAX_RUNS]]


def _describe_run(run: Run) -> dict[str, Any]:
    state = "running" if not run.finished else "done" if run.successful else "failed"
    return {
        "flow": run.path_components[0],
        "run": run.id,
        "state": state,
        "started": run.created_at.isoformat(sep=" ", timespec="seconds"),
    }


@attrs.frozen
class ListedCard:
    """One card of a run."""

    #: Names it for as long as the viewer is open, whether its page is there or only its data.
    place: str
    pathspec: str
    attempt: int
    stored: StoredName
    #: When its objects changed last, seconds since the epoch.
    changed_at: float

    def describe(self, link: str) -> dict[str, Any]:
        """For the viewer."""
        _, _, step, task = self.pathspec.split("/")
        name = self.stored.name
        return {
            "place": self.place,
            "step": step,
            "task": task,
            "attempt": self.attempt,
            "type": name.type,
            "id": name.id,
            "live": self.stored.html is None,
            "version": self.stored.html or "live",
            "link": link,
            "changed": datetime.fromtimestamp(self.changed_at).isoformat(sep=" ", timespec="seconds"),
        }


class RunCards:
    """The cards of one run, looked for again and again.

    Parameters
    ----------
    flow, run_id
        The run.
    max_cards
        How many are listed: the newest.

    Raises
    ------
    NotFound
        If there is no such run.
    """

    def __init__(self, flow: str, run_id: str, max_cards: int) -> None:
        from flowkit import Run

        with all_namespaces():
            self.run = Run(f"{flow}/{run_id}")
        self._max_cards = max_cards
        self._datastore: Datastore | None = None
        self._prefix = run_prefix_of(flow, run_id)
        #: Seconds that the last listing took.
        self.cost = 0.0

    def cards(self) -> Sequence[ListedCard]:
        """Cards of the latest attempts, those that changed last first."""
        began = time.monotonic()
        times: dict[str, float] = {}
        if (datastore := self._open()) is not None:
            times = {info.key: info.modified_at for info in datastore.list(self._prefix) if is_card_key(info.key)}
        self.cost = time.monotonic() - began
        found = [card for task, keys in _by_task(times).items() for card in _of_task(task, keys, times)]
        return sorted(found, key=lambda card: -card.changed_at)[: self._max_cards]

    def data(self, card: ListedCard) -> dict[str, Any] | None:
        """What a live card's refresh stored last."""
        datastore = self._open()
        return None if datastore is None or card.stored.data is None else read_json(datastore, card.stored.data)

    def card(self, place: str) -> StoredCard | None:
        """A card with its content; None if there is none such."""
        from flowkit import Task

        for card in self.cards():
            if card.place == place and (datastore := self._open()) is not None:
                with all_namespaces():
                    return StoredCard(Task(card.pathspec, attempt=card.attempt), datastore, card.stored)
        return None

    def _open(self) -> Datastore | None:
        """The run's store; None until it has a task."""
        if self._datastore is None:
            try:
                task = next((task for step in self.run for task in step.tasks()), None)
            except NotFound:
                return None
            self._datastore = None if task is None else store_of(task).datastore
        return self._datastore


def _by_task(times: Mapping[str, float]) -> Mapping[str, dict[int, list[str]]]:
    tasks: dict[str, dict[int, list[str]]] = {}
    for key in sorted(times, key=lambda key: times[key]):
        if (task := task_of_key(key)) is not None:
            tasks.setdefault(task[0], {}).setdefault(task[1], []).append(key)
    return tasks


def _of_task(pathspec: str, attempts: Mapping[int, list[str]], times: Mapping[str, float]) -> Sequence[ListedCard]:
    attempt = max(attempts)
    _, _, step, task = pathspec.split("/")
    return [
        ListedCard(
            place=f"{step}/{task}/{stored.name.stem}",
            pathspec=pathspec,
            attempt=attempt,
            stored=stored,
            changed_at=max(times[key] for key in (stored.html, stored.data) if key is not None),
        )
        for stored in group_keys(attempts[attempt])
    ]
