"""Cards of one attempt, in a datastore."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

import attrs

from flowkit.plugin import Datastore, KeyNotFound
from flowkit_cards.layout import CardName, cards_prefix, hash_of

__all__ = ["CardStore", "StoredName"]


@attrs.frozen
class StoredName:
    """A card as a listing shows it: its page, its data, or both."""

    name: CardName
    #: Keys; None where there is none.
    html: str | None
    data: str | None


class CardStore:
    """Reads and writes the cards of one attempt.

    Parameters
    ----------
    datastore
        The run's.
    flow, run_id, step, task_id, attempt
        Whose cards.
    """

    def __init__(self, datastore: Datastore, flow: str, run_id: str, step: str, task_id: str, attempt: int) -> None:
        self.datastore = datastore
        self.prefix = cards_prefix(flow, run_id, step, task_id, attempt)

    def write_html(self, name: CardName, html: str) -> CardName:
        """Store a page; its name with the hash."""
        named = attrs.evolve(name, hash=hash_of(html))
        self.datastore.put(f"{self.prefix}/{named.file}", [html.encode("utf-8", "replace")])
        return named

    def write_data(self, name: CardName, data: dict[str, Any]) -> int:
        """Store a live card's data over what was there; how many bytes it has."""
        content = json.dumps(data, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
        self.datastore.put(f"{self.prefix}/{attrs.evolve(name, hash=None).file}", [content], overwrite=True)
        return len(content)

    def names(self) -> Sequence[StoredName]:
        """All cards of the attempt, in the order of their decorators."""
        infos = [info for info in self.datastore.list(self.prefix) if CardName.parse(info.key) is not None]
        return group_keys([info.key for info in sorted(infos, key=lambda info: info.modified_at)])


def group_keys(keys: Sequence[str]) -> Sequence[StoredName]:
    """Keys of one attempt's objects, oldest first, as cards: the newest page of each, and its data."""
    found: dict[str, StoredName] = {}
    for key in keys:
        name = CardName.parse(key)
        if name is None:
            continue
        before = found.get(name.stem) or StoredName(name, None, None)
        if name.hash is not None:
            found[name.stem] = attrs.evolve(before, name=name, html=key)
        else:
            found[name.stem] = attrs.evolve(before, data=key)
    return sorted(found.values(), key=lambda one: one.name.index)


def read_text(datastore: Datastore, key: str) -> str | None:
    """A page; None if it isn't there."""
    try:
        return datastore.get(key).decode("utf-8", "replace")
    except KeyNotFound:
        return None


def read_json(datastore: Datastore, key: str) -> dict[str, Any] | None:
    """Live data; None if it isn't there or isn't data."""
    text = read_text(datastore, key)
    try:
        data = json.loads(text) if text is not None else None
    except ValueError:
        return None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else None
