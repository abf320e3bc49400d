"""``card create``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from flowkit.plugin import AppContext
from flowkit_cards.client import store_of
from flowkit_cards.commands.finding import find_tasks
from flowkit_cards.components.base import Form, form_of
from flowkit_cards.errors import CardsError
from flowkit_cards.layout import CardName, is_name
from flowkit_cards.rendering import card_class, describe_failure, html_of, time_limit
from flowkit_cards.types.base import Card
from flowkit_cards.types.error import error_page

__all__ = ["Wanted", "create_card"]


@attrs.frozen
class Wanted:
    """The card to make."""

    type: str
    id: str | None
    options: str | None
    timeout: float
    save_errors: bool
    component_file: str | None


def create_card(context: AppContext, flow: str, path: str, wanted: Wanted) -> None:
    """Make a card of a task that is done, and store it beside those that it has."""
    if wanted.id is not None and not is_name(wanted.id):
        raise CardsError(f"--id {wanted.id!r} isn't made of letters, digits, _ and .")
    tasks = find_tasks(flow, path)
    if len(tasks) != 1:
        raise CardsError(f"{path!r} names {len(tasks)} tasks; name one: RUN/STEP/TASK")
    task = tasks[0]
    kind = card_class(context.registry, wanted.type)
    try:
        with time_limit(wanted.timeout):
            html = html_of(kind, task, _options(wanted.options), _components(wanted.component_file))
    except (Exception, SystemExit) as error:
        if not wanted.save_errors or isinstance(error, CardsError):
            raise
        html = error_page(task.pathspec, describe_failure(error))
    store = store_of(task)
    index = max((one.name.index for one in store.names()), default=-1) + 1
    name = store.write_html(CardName(index, wanted.type, wanted.id), html.replace(Card.RELOAD_POLICY_TOKEN, "final"))
    context.console.message(f"{task.pathspec}: made a card of type {name.type}, hash {name.hash}")


def _options(text: str | None) -> Mapping[str, Any]:
    try:
        options = json.loads(text or "{}")
    except ValueError as error:
        raise CardsError(f"--options isn't JSON: {error}") from None
    if not isinstance(options, dict):
        raise CardsError('--options is a JSON object: {"name": value}')
    return options


def _components(file: str | None) -> Sequence[Form]:
    if file is None:
        return ()
    try:
        components = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise CardsError(f"--component-file {file} can't be read: {error.strerror}") from None
    except ValueError as error:
        raise CardsError(f"--component-file {file} isn't JSON: {error}") from None
    if not isinstance(components, list):
        raise CardsError(f"--component-file {file} must hold a list of components")
    return [form_of(component) for component in components]
