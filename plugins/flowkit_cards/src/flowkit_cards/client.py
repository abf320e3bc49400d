"""Reading cards: :func:`get_cards`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from flowkit.plugin import Datastore, default_registry
from flowkit_cards.errors import CardNotPresent, CardsError
from flowkit_cards.store import CardStore, StoredName, read_json, read_text

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["CardContainer", "StoredCard", "all_namespaces", "cards_of", "get_cards"]


class StoredCard:
    """One card of a task. Its content is read when it is asked for.

    In a notebook it shows itself, in a frame of its own that can reach nothing outside.
    """

    def __init__(
        self, task: Task, datastore: Datastore, stored: StoredName, origin_pathspec: str | None = None
    ) -> None:
        self._task, self._datastore, self._stored = task, datastore, stored
        self._html: str | None = None
        #: The task of an earlier run that made it, where that run was resumed; else None.
        self.origin_pathspec = origin_pathspec

    @property
    def type(self) -> str:
        """The card's type."""
        return self._stored.name.type

    @property
    def id(self) -> str | None:
        """What ``@card(id=...)`` said."""
        return self._stored.name.id

    @property
    def hash(self) -> str | None:
        """Hash of the page; None while the task runs."""
        return self._stored.name.hash

    @property
    def path(self) -> str:
        """Key of the page in the datastore; of its data while the task runs."""
        return str(self._stored.html or self._stored.data)

    @property
    def is_live(self) -> bool:
        """Whether there is only what the running task has shown so far."""
        return self._stored.html is None

    @property
    def from_resumed(self) -> bool:
        """Whether it was made in an earlier run, that this one resumed."""
        return self.origin_pathspec is not None

    @property
    def task(self) -> Task:
        """The task that made it."""
        return self._task

    def get(self) -> str:
        """The page, as HTML. While the task runs: as it is now.

        Raises
        ------
        CardNotPresent
            If it has been removed.
        """
        if self._html is not None:
            return self._html
        if self._stored.html is not None:
            self._html = read_text(self._datastore, self._stored.html)
            if self._html is None:
                raise CardNotPresent(f"{self._stored.html} is not in {self._datastore.root} any more")
            return self._html
        from flowkit_cards.live.page import live_page

        return live_page(self._task, self.type, self._document() or {})

    def get_data(self) -> dict[str, Any] | None:
        """What the card's ``refresh`` stored last; None if it was never called.

        ``components`` holds the components' forms by id, ``user`` what ``refresh`` was given, ``views`` how the
        components look, for ``window.flowkit_card_update`` in an open page.
        """
        from flowkit_cards.live.page import update_of

        document = self._document()
        return None if document is None else update_of(document)

    def view(self) -> str:
        """Open the card in a browser, from a temporary file; its path."""
        import tempfile
        import webbrowser

        folder = Path(tempfile.mkdtemp(prefix="flowkit-card-"))
        file = folder / "card.html"
        file.write_text(self.get(), encoding="utf-8")
        webbrowser.open(file.as_uri())
        return str(file)

    def _document(self) -> dict[str, Any] | None:
        return None if self._stored.data is None else read_json(self._datastore, self._stored.data)

    def _repr_html_(self) -> str:
        return framed(self.get(), f"Card of {self._task.pathspec}")

    def __repr__(self) -> str:
        named = f", id={self.id!r}" if self.id else ""
        return f"<StoredCard {self.type!r}{named} of {self._task.pathspec}>"

    def __str__(self) -> str:
        return f"<Card at '{self.path}'>"


class CardContainer(Sequence[StoredCard]):
    """Cards of one task, in the order of their decorators. In a notebook it shows them all."""

    def __init__(self, cards: Sequence[StoredCard], origin_pathspec: str | None = None) -> None:
        self._cards = list(cards)
        #: The task of an earlier run that made them, where that run was resumed; else None.
        self.origin_pathspec = origin_pathspec

    @property
    def from_resumed(self) -> bool:
        """Whether they were made in an earlier run, that this one resumed."""
        return self.origin_pathspec is not None

    @overload
    def __getitem__(self, index: int) -> StoredCard: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[StoredCard]: ...
    def __getitem__(self, index: int | slice) -> StoredCard | Sequence[StoredCard]:
        return self._cards[index]

    def __len__(self) -> int:
        return len(self._cards)

    def _repr_html_(self) -> str:
        if not self._cards:
            return "<p>This task has no cards.</p>"
        return "".join(f"<h4>{escape(card.id or card.type)}</h4>{card._repr_html_()}" for card in self._cards)

    def __repr__(self) -> str:
        return f"<CardContainer of {len(self)}: {', '.join(card.id or card.type for card in self)}>"


def framed(html: str, title: str) -> str:
    """A page inside another: its scripts run, and reach neither the page around it nor the network."""
    return (
        f'<iframe title="{escape(title)}" sandbox="allow-scripts allow-popups" srcdoc="{escape(html)}" '
        'style="width:100%;height:640px;border:1px solid #8884;border-radius:8px"></iframe>'
    )


def get_cards(
    task: str | Task,
    id: str | None = None,  # noqa: A002 (the name that notebooks use)
    type: str | None = None,  # noqa: A002 (the name that notebooks use)
    follow_resumed: bool = True,
) -> CardContainer:
    """Cards of a task's latest attempt, or of the attempt that the task shows.

    Parameters
    ----------
    task
        A task, or its pathspec ``Flow/run/step/task``.
    id
        Only cards of this id.
    type
        Only cards of this type.
    follow_resumed
        For a task that was taken over from an earlier run: the cards that it made there.

    Raises
    ------
    InvalidPathspec, NotFound
    CardsError
        If ``task`` is neither a task nor text.
    """
    from flowkit import Task

    if isinstance(task, str):
        with all_namespaces():
            task = Task(task)
    elif not isinstance(task, Task):
        raise CardsError(f"get_cards takes a Task or a pathspec Flow/run/step/task, not a {task.__class__.__name__}")
    origin: str | None = None
    if follow_resumed:
        task, origin = _maker(task)
    return CardContainer(cards_of(task, id=id, type=type, origin_pathspec=origin), origin)


def cards_of(
    task: Task,
    *,
    id: str | None = None,  # noqa: A002 (as above)
    type: str | None = None,  # noqa: A002 (as above)
    origin_pathspec: str | None = None,
) -> list[StoredCard]:
    """Cards of one task itself."""
    store = store_of(task)
    cards = [StoredCard(task, store.datastore, one, origin_pathspec) for one in store.names()]
    return [card for card in cards if (id is None or card.id == id) and (type is None or card.type == type)]


def store_of(task: Task) -> CardStore:
    """Where the cards of the attempt that a task shows are."""
    fields = task.metadata_dict
    kind = default_registry().get("datastores", fields["ds-type"])
    flow, run_id, step, task_id = task.path_components
    return CardStore(kind.open(fields["ds-root"]), flow, run_id, step, task_id, task.current_attempt)


def _maker(task: Task) -> tuple[Task, str | None]:
    """The task that ran, of one that was taken over, perhaps several times; and its pathspec if it is another."""
    from flowkit import Task

    origin: str | None = None
    with all_namespaces():
        while (before := task.origin_pathspec) is not None:
            task, origin = Task(before), before
    return task, origin


@contextmanager
def all_namespaces() -> Iterator[None]:
    """Look at everybody's runs, for a while."""
    from flowkit import get_namespace, namespace

    before = get_namespace()
    namespace(None)
    try:
        yield
    finally:
        namespace(before)
