"""Content that means harm, in every component: nothing runs, nothing is fetched, and the rest is still shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flowkit.cards import (
    DAG,
    HTML,
    Artifact,
    Artifacts,
    Error,
    EventsTimeline,
    Heading,
    Image,
    JSONViewer,
    Log,
    Markdown,
    Page,
    ProgressBar,
    PythonCode,
    Section,
    Subtitle,
    Table,
    Text,
    Title,
    ValueBox,
    VegaChart,
    YAMLViewer,
)

from flowkit_cards.graph.plain import Arrow, PlainGraph, PlainStep

EVIL = (
    "<script>alert('ran')</script><img src=x onerror=\"alert('ran')\"><svg onload=\"alert('ran')\">"
    "<a href=\"javascript:alert('ran')\">click</a>[click](javascript:alert('ran'))</title></style></script>"
    "<iframe src=\"javascript:alert('ran')\"></iframe>\"'><b onmouseover=alert('ran')>x</b>{{ 7 * 7 }}{% x %}\x00\ud800"
    '<img src="https://example.org/pixel.png"><link rel=stylesheet href=https://example.org/a.css>'
    '<meta http-equiv=refresh content="0;url=https://example.org"><base href=https://example.org>'
)


class EvilRepr:
    """Prints itself as markup."""

    def __repr__(self) -> str:
        return EVIL


class Raising:
    """Can't be printed."""

    def __repr__(self) -> str:
        raise RuntimeError(EVIL)


def evil_events() -> EventsTimeline:
    events = EventsTimeline(EVIL)
    events.update({EVIL: EVIL, "timestamp": EVIL}, priority=EVIL, payloads={EVIL: Markdown(EVIL)})
    return events


def cyclic() -> dict[str, Any]:
    value: dict[str, Any] = {EVIL: EVIL}
    value["again"] = value
    return value


GRAPH = PlainGraph((PlainStep(EVIL, "switch", (Arrow("end", EVIL),), over=EVIL), PlainStep("end", EVIL)))
CHART = {
    "title": EVIL,
    "data": {"values": [{"a": EVIL, "b": 1, "url": "javascript:alert('ran')"}]},
    "mark": {"type": "bar", "tooltip": True},
    "encoding": {
        "x": {"field": "a", "title": EVIL},
        "y": {"field": "b", "type": "quantitative"},
        "href": {"field": "url"},
    },
}
COMPONENTS: dict[str, Callable[[], object]] = {
    "Text": lambda: Text(EVIL),
    "str": lambda: EVIL,
    "Heading": lambda: Heading(EVIL),
    "Title": lambda: Title(EVIL),
    "Subtitle": lambda: Subtitle(EVIL),
    "Markdown": lambda: Markdown(EVIL),
    "broken Markdown": lambda: Markdown("[" * 5000 + "`" * 999 + "|a|\n|-" + "<" * 999 + EVIL),
    "HTML": lambda: HTML(EVIL),
    "Table": lambda: Table([[EVIL, EvilRepr(), Raising(), b"\x00<script>", float("nan"), Markdown(EVIL)]], [EVIL]),
    "Image": lambda: Image(b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"alert('ran')\"/>", EVIL),
    "Image of text": lambda: Image('data:image/png,"><script>alert(1)</script>', EVIL),
    "VegaChart": lambda: VegaChart(CHART),
    "ProgressBar": lambda: ProgressBar(EVIL, EVIL, float("nan"), EVIL, EVIL),  # type: ignore[arg-type]
    "ValueBox": lambda: ValueBox(EVIL, EvilRepr(), EVIL, None, EVIL),
    "Artifact": lambda: Artifact(EvilRepr(), EVIL),
    "Artifact that raises": lambda: Artifact(Raising(), Raising()),
    "Artifacts": lambda: Artifacts({EVIL: EvilRepr(), "b": Raising(), "c": cyclic()}),
    "Log": lambda: Log(EVIL),
    "PythonCode": lambda: PythonCode(code_string=EVIL),
    "EventsTimeline": evil_events,
    "DAG": lambda: DAG(GRAPH),
    "Section": lambda: Section(EVIL, EVIL, contents=[Text(EVIL)]),
    "Page": lambda: Page(EVIL, EVIL, [Section(EVIL)]),
    "JSONViewer": lambda: JSONViewer(cyclic(), title=EVIL, max_height="1px;background:url(https://example.org)"),
    "YAMLViewer": lambda: YAMLViewer({EVIL: [EVIL, Raising(), float("inf")]}),
    "Error": lambda: Error(ValueError(EVIL), EVIL),
}


@pytest.mark.parametrize("name", COMPONENTS)
def test_nothing_runs_and_nothing_is_fetched(
    name: str, page_of: Callable[..., str], open_page: Callable[..., Any]
) -> None:
    html = page_of([COMPONENTS[name](), Text("the end is shown")], title=EVIL)
    watched = open_page(html)
    watched.page.wait_for_timeout(150 if name == "VegaChart" else 30)
    if name == "HTML":
        # What it tries is stopped by the page's policy, which says so on the console.
        watched.messages = [one for one in watched.messages if "Content Security Policy" not in one]
    watched.assert_quiet()
    assert "the end is shown" in watched.page.locator("main").inner_text()
    handlers = "[...document.querySelectorAll('main *')].filter(e => [...e.attributes].some(a => /^on/i.test(a.name)))"
    if name != "HTML":
        assert watched.page.evaluate(f"{handlers}.length") == 0
        assert watched.page.locator("main script").count() == 0
    assert watched.page.locator("a[href^='javascript']").count() == (1 if name == "HTML" else 0)


def test_all_of_it_live(page_of: Callable[..., str], open_page: Callable[..., Any]) -> None:
    from flowkit_cards.components.base import form_of
    from flowkit_cards.live.page import update_of

    names = [name for name in COMPONENTS if name not in ("VegaChart", "HTML")]
    watched = open_page(page_of([Text("before")]))
    components = {name: {**form_of(COMPONENTS[name]()), "id": name} for name in names}
    done = watched.page.evaluate("data => window.flowkit_card_update(data)", update_of({"components": components}))
    assert done is True
    watched.page.wait_for_timeout(100)
    watched.assert_quiet()
    assert watched.page.locator("#components > .c").count() == len(names)
    assert watched.page.locator("a[href^='javascript']").count() == 0


def test_a_table_of_a_hundred_megabytes_is_cut(page_of: Callable[..., str]) -> None:
    html = page_of([Table([["x" * 10_000] * 10 for _ in range(1000)], headers=["a"] * 10)])
    assert len(html) < 4_000_000
    assert "cut" in html
