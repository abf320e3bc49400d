"""A page from a card type and a task; whatever goes wrong, a page that says so."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flowkit.plugin import FlowkitError, Registry
from flowkit_cards.components.base import Form
from flowkit_cards.errors import CardsError, CardTimeout, UnknownCardType
from flowkit_cards.types.base import Card

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["card_class", "describe_failure", "graph_of", "html_of", "time_limit"]


def card_class(registry: Registry, name: str) -> type[Card]:
    """The card type ``name``.

    Raises
    ------
    UnknownCardType, PluginError
    """
    known = registry.names("card_types")
    if name not in known:
        raise UnknownCardType(f"no plugin brings the card type {name!r}; there are: {', '.join(sorted(known))}")
    found: type[Card] = registry.get("card_types", name)
    return found


def html_of(
    kind: type[Card],
    task: Task,
    options: Mapping[str, Any],
    components: Sequence[Form],
    flow: Any = None,
    *,
    runtime_state: Mapping[str, Any] | None = None,
) -> str:
    """The page.

    Parameters
    ----------
    runtime_state
        For a task that runs: what a card type is told of the card. None for one whose artifacts are stored.

    Raises
    ------
    Exception
        Whatever the type raises.
    """
    card = kind(options=dict(options), components=list(components), graph=graph_of(task), flow=flow)
    made = card.render(task) if runtime_state is None else card.render_runtime(task, runtime_state)
    if not isinstance(made, str):
        raise CardsError(f"the card type {kind.type!r} gave a {type(made).__name__} instead of a page")
    return made


def graph_of(task: Task) -> Mapping[str, Any]:
    """The flow's steps, as card types get them."""
    info = task["_graph_info"].data if "_graph_info" in task else {}
    steps: Mapping[str, Any] = info.get("steps", {})
    return steps


def describe_failure(error: BaseException) -> str:
    """Why a card couldn't be made, with the frames where it happened."""
    if isinstance(error, FlowkitError):
        return f"{error.headline}: {error.message}"
    return "".join(traceback.format_exception(error)).rstrip("\n")


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise CardTimeout in the body once the time is up; 0 for no limit. Works in a process's main thread alone."""
    if seconds <= 0 or threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise CardTimeout(f"the card took longer than its timeout of {seconds:g} s; raise it with @card(timeout=...)")

    before: Callable[..., Any] | int | None = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
