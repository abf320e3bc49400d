"""Puts a page together."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from flowkit_cards.components.base import Form
from flowkit_cards.components.looks import draw
from flowkit_cards.components.structure import outline
from flowkit_cards.drawing.element import clean, to_html
from flowkit_cards.page.charts import vega_script

__all__ = ["Fact", "PageContent", "make_page", "warm_up"]

_FOLDER = Path(__file__).parent


@attrs.frozen
class Fact:
    """A line in the head of a page."""

    name: str
    value: str
    #: ``good``, ``bad`` or ``busy``; else empty.
    tone: str = ""


@attrs.frozen
class PageContent:
    """What a page shows."""

    title: str
    #: A smaller line above the title.
    overline: str = ""
    facts: Sequence[Fact] = ()
    #: What the user's code has put into the card: kept up to date while the task runs.
    components: Sequence[Form] = ()
    #: What comes after it.
    sections: Sequence[Form] = ()
    #: A viewer loads the page again when this changes.
    reload_token: str = ""


def make_page(content: PageContent) -> str:
    """The whole page: nothing that it needs is elsewhere."""
    components, sections = list(content.components), list(content.sections)
    scripts = [_script()]
    if _has_chart([*components, *sections]):
        scripts.insert(0, vega_script())
    # Places in the user's part are numbered apart: it changes while the page is open.
    components, first = outline(components, "u")
    sections, second = outline(sections)
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return _template().render(
        title=clean(content.title),
        overline=clean(content.overline),
        facts=[(clean(fact.name), clean(fact.value), fact.tone) for fact in content.facts],
        places=_worth_it([*first, *second]),
        has_components=True,
        components=_drawn(components),
        content=_drawn(sections),
        reload_token=content.reload_token,
        policy=f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; script-src {hashes}; "
        "base-uri 'none'; form-action 'none'",
        style=Markup(_style()),  # noqa: S704 - files of this package
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - files of this package and of vl-convert
    )


def warm_up() -> None:
    """Load what every page needs, in a process that will fork tasks."""
    _template()
    _style()
    _script()


def _drawn(forms: Iterable[Form]) -> Markup:
    return Markup("\n".join(to_html(draw(form)) for form in forms))  # noqa: S704 - escaped by to_html


def _worth_it(places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Navigation helps from two places on."""
    return places if len(places) + sum(len(place["inside"]) for place in places) > 1 else []


def _has_chart(value: Any) -> bool:
    if isinstance(value, dict):
        return (
            value.get("type") == "vegaChart"
            or any(_has_chart(value[name]) for name in ("contents", "data", "events", "payloads") if name in value)
            or (("type" not in value) and any(map(_has_chart, value.values())))
        )
    return isinstance(value, list) and any(map(_has_chart, value))


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html.j2")


@cache
def _style() -> str:
    return _compact((_FOLDER / "card.css").read_text(encoding="utf-8"))


@cache
def _script() -> str:
    text = (_FOLDER / "card.js").read_text(encoding="utf-8")
    return _compact(re.sub(r"^\s*//.*\n", "", text, flags=re.MULTILINE))


def _compact(text: str) -> str:
    """Without indentation and empty lines; no line of these files depends on them."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


@cache
def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
