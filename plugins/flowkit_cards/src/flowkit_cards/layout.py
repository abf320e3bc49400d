"""Where cards are in a run's datastore: the only module that makes and reads their keys.

::

    <Flow>/runs/<run>/<step>/<task>/cards/<attempt>/<index>-<type>[-<id>]-<hash>.html   a card
    <Flow>/runs/<run>/<step>/<task>/cards/<attempt>/<index>-<type>[-<id>].json          data of a card that is live

``index`` is the card's place among those of its step, from 0 (a card made by ``card create`` gets the next one).
``hash`` is the SHA-1 of the page. The data object is there only for a card that was refreshed; it is written again and
again, and stays as it was last.
"""

from __future__ import annotations

import hashlib
import re

import attrs

from flowkit.plugin import attempt_prefix

__all__ = ["CardName", "cards_prefix", "hash_of", "is_card_key", "is_name", "run_prefix_of", "task_of_key"]

_NAME = re.compile(r"[A-Za-z0-9_.]+\Z")
_FILE = re.compile(
    r"(?P<index>\d+)-(?P<type>[A-Za-z0-9_.]+?)(?:-(?P<id>[A-Za-z0-9_.]+?))?(?:-(?P<hash>[0-9a-f]{40})\.html|\.json)\Z"
)
_KEY = re.compile(
    r"(?P<flow>[^/]+)/runs/(?P<run>[^/]+)/(?P<step>[^/]+)/(?P<task>[^/]+)/cards/(?P<attempt>\d+)/(?P<file>[^/]+)\Z"
)


def is_name(text: object) -> bool:
    """Whether a card may have this type or id."""
    return isinstance(text, str) and bool(_NAME.match(text))


@attrs.frozen
class CardName:
    """What the last part of a key says."""

    index: int
    type: str
    id: str | None = None
    #: None for data.
    hash: str | None = None

    @classmethod
    def parse(cls, key: str) -> CardName | None:
        """From a key or file name; None if it isn't a card's."""
        match = _FILE.match(key.rpartition("/")[2])
        return None if match is None else cls(int(match["index"]), match["type"], match["id"], match["hash"])

    @property
    def stem(self) -> str:
        """What a card and its data have in common."""
        return f"{self.index}-{self.type}" + (f"-{self.id}" if self.id else "")

    @property
    def file(self) -> str:
        """The last part of the key."""
        return f"{self.stem}-{self.hash}.html" if self.hash else f"{self.stem}.json"


def cards_prefix(flow: str, run_id: str, step: str, task_id: str, attempt: int | None = None) -> str:
    """What the keys of an attempt's cards begin with; of all attempts', if none is given."""
    task, _, number = attempt_prefix(flow, run_id, step, task_id, attempt or 0).rpartition("/")
    return f"{task}/cards" if attempt is None else f"{task}/cards/{number}"


def hash_of(html: str) -> str:
    """The hash that a card is named by."""
    return hashlib.sha1(html.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def is_card_key(key: str) -> bool:
    """Whether a key is that of a card or its data."""
    match = _KEY.match(key)
    return match is not None and CardName.parse(match["file"]) is not None


def task_of_key(key: str) -> tuple[str, int] | None:
    """The pathspec and attempt of a key's task; None if it isn't a card's key."""
    match = _KEY.match(key)
    if match is None:
        return None
    return f"{match['flow']}/{match['run']}/{match['step']}/{match['task']}", int(match["attempt"])


def run_prefix_of(flow: str, run_id: str) -> str:
    """Below it: all objects of a run."""
    return attempt_prefix(flow, run_id, "-", "0", 0).rsplit("/", 3)[0]
