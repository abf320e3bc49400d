"""The page of a card whose task still runs, from its data; and what an open page is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowkit.plugin import default_registry
from flowkit_cards.components.looks import draw
from flowkit_cards.components.structure import outline
from flowkit_cards.errors import UnknownCardType
from flowkit_cards.rendering import card_class, describe_failure, html_of
from flowkit_cards.types.base import Card
from flowkit_cards.types.blank import BlankCard
from flowkit_cards.types.error import error_page

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["live_page", "update_of"]


def live_page(task: Task, type_name: str, document: Mapping[str, Any]) -> str:
    """The page as the data says it now is. Never raises."""
    state = _state(document)
    try:
        html = html_of(_kind(type_name), task, document.get("options") or {}, (), runtime_state=state)
    except (Exception, SystemExit) as error:
        html = error_page(task.pathspec, describe_failure(error))
    return html.replace(Card.RELOAD_POLICY_TOKEN, str(document.get("reload_token", "")))


def update_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The data, with how its components look: what ``window.flowkit_card_update`` takes."""
    forms = _state(document)["components"]
    named, _ = outline(list(forms.values()), "u")
    return {
        **document,
        "components": forms,
        "layout": list(forms),
        "views": {name: draw(form) for name, form in zip(forms, named, strict=True)},
    }


def _kind(name: str) -> type[Card]:
    try:
        return card_class(default_registry(), name)
    except UnknownCardType:
        # The type is a plugin's that isn't here; the step's components can be shown without it.
        return BlankCard


def _state(document: Mapping[str, Any]) -> dict[str, Any]:
    components = document.get("components", document.get("data")) or {}
    forms = {name: form for name, form in components.items() if isinstance(form, dict)}
    rest = {name: document.get(name) for name in ("user", "render_seq", "component_update_ts", "mode")}
    return {**rest, "components": forms}
