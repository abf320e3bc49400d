"""Imported in the process that forks tasks: what every card needs is then there, and costs no task anything."""

from flowkit.plugin import default_registry
from flowkit_cards import decorator, rendering
from flowkit_cards.components import artifact, code, dag, error, log, looks, markdown, progress, structure, table, text
from flowkit_cards.page import assemble
from flowkit_cards.types import blank, default, default_json, plain_html, taskspec
from flowkit_cards.types import error as error_card

__all__: list[str] = []

_LOADED = (
    artifact, blank, code, dag, decorator, default, default_json, error, error_card, log, looks, plain_html,
    progress, rendering, structure, table, taskspec, text,
)  # fmt: skip

default_registry()
assemble.warm_up()
markdown.markdown_to_html("warm")
code.look({"data": "warm = 1"}, looks.draw)
