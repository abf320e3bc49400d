"""The page: weight, navigation, accessibility, updates in place, and how it looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flowkit.cards import DAG, JSONViewer, Markdown, Page, ProgressBar, Section, Table, Text, VegaChart

from flowkit_cards.components.base import form_of
from flowkit_cards.live.page import update_of
from plugins.flowkit_cards.page.gallery import every_component, graph_of_sixty

CHART = {
    "data": {"values": [{"a": "A", "b": 2}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a"}, "y": {"field": "b"}},
}


def test_a_card_of_text_and_tables_is_small(page_of: Callable[..., str]) -> None:
    table = Table([[f"row {number}", number, number / 7] for number in range(100)], headers=["name", "n", "share"])
    html = page_of([Markdown("# Results\n" + "Some words. " * 200), table])
    assert len(html.encode()) < 60_000
    assert "vega" not in html.partition("<script>")[0].lower()


def test_the_chart_library_is_there_once_and_only_for_charts(page_of: Callable[..., str]) -> None:
    html = page_of([VegaChart(CHART), Section("b", contents=[VegaChart(CHART), Table([[VegaChart(CHART)]])])])
    assert html.count("<script>") == 2
    assert 800_000 < len(html) < 1_200_000


@pytest.mark.parametrize("place", ["section", "table", "event"])
def test_a_chart_inside_others_has_its_library(place: str, page_of: Callable[..., str]) -> None:
    inner = {"section": Section(contents=[VegaChart(CHART)]), "table": Table([[VegaChart(CHART)]])}
    if place == "event":
        form = {"type": "eventsTimeline", "events": [{"payloads": {"a": form_of(VegaChart(CHART))}}], "stats": {}}
        assert page_of([form]).count("<script>") == 2
    else:
        assert page_of([inner[place]]).count("<script>") == 2


def test_a_chart_is_drawn(page_of: Callable[..., str], open_page: Callable[..., Any]) -> None:
    watched = open_page(page_of([VegaChart(CHART), VegaChart({"$schema": "https://vega.github.io/schema/vega/v5.json",
                                 "width": 50, "height": 50, "marks": [{"type": "rect"}]})]))  # fmt: skip
    watched.page.locator(".chart svg").nth(1).wait_for()
    watched.assert_quiet()


def test_pages_and_sections_are_the_navigation(page_of: Callable[..., str], open_page: Callable[..., Any]) -> None:
    pages = [Page("One", contents=[Section("Inside", contents=["a"])]), Section("Two", contents=["b"])]
    watched = open_page(page_of(pages))
    links = watched.page.locator("nav a")
    assert links.all_inner_texts() == ["One", "Inside", "Two"]
    for link in links.all():
        target = link.get_attribute("href").removeprefix("#")
        assert watched.page.locator(f"[id='{target}'] >> :is(h2, h3)").first.inner_text() == link.inner_text()


def test_an_update_changes_what_differs_and_keeps_the_place(
    page_of: Callable[..., str], open_page: Callable[..., Any]
) -> None:
    bar, text = ProgressBar(100, "Rows"), Text("first\n" * 100)
    viewer = JSONViewer({"a": list(range(40))})
    watched = open_page(page_of([text, viewer, bar]), height=500)
    page = watched.page
    page.locator("summary").nth(1).click()
    page.evaluate("scrollTo(0, 700)")
    page.evaluate("document.querySelector('progress').same = true")
    bar.update(42)
    viewer.update({"a": list(range(41))})
    forms = {name: {**form_of(one), "id": name} for name, one in (
        ("text_1", text), ("jsonviewer_2", viewer), ("progressbar_3", bar), ("new", Markdown("**more**")),
    )}  # fmt: skip
    data = update_of({"components": forms, "reload_token": "x"})
    assert page.evaluate("data => window.flowkit_card_update(data)", data) is True
    assert page.locator("progress").get_attribute("value") == "42"
    assert page.evaluate("document.querySelector('progress').same") is True
    assert page.evaluate("scrollY") == 700
    assert page.locator("details").nth(1).get_attribute("open") is not None
    assert page.locator("strong").inner_text() == "more"
    del forms["text_1"]
    page.evaluate("data => window.flowkit_card_update(data)", update_of({"components": forms}))
    assert page.locator("#components > .c").count() == 3
    watched.assert_quiet()


def test_an_update_with_the_views_alone(page_of: Callable[..., str], open_page: Callable[..., Any]) -> None:
    bar = ProgressBar(100, "Rows", 7)
    watched = open_page(page_of([Text("stays"), ProgressBar(100, "Rows")]))
    views = update_of({"components": {"progressbar_2": {**form_of(bar), "id": "progressbar_2"}}})["views"]
    watched.page.evaluate("data => window.flowkit_card_update(data)", views)
    assert watched.page.locator("progress").get_attribute("value") == "7"
    assert "stays" in watched.page.locator("main").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)], ids=["desktop", "phone"])
def test_every_component_looks_right(
    scheme: str, width: int, height: int, page_of: Callable[..., str], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    """A picture of each is left in the test's folder; nothing is wider than the window."""
    components, sections = every_component()
    watched = open_page(page_of(components, sections=sections), width=width, height=height, scheme=scheme)
    watched.page.locator(".chart svg").first.wait_for()
    picture = tmp_path / f"every-component-{scheme}-{width}.png"
    watched.page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 50_000
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    watched.assert_quiet()
    _assert_accessible(watched.page)


def test_a_graph_of_sixty_steps_is_readable(
    page_of: Callable[..., str], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    watched = open_page(page_of([DAG(graph_of_sixty())]), width=1400)
    watched.page.screenshot(path=tmp_path / "sixty.png", full_page=True)
    boxes = watched.page.locator(".step-box").evaluate_all("all => all.map(e => e.getBoundingClientRect().toJSON())")
    assert len(boxes) == 60
    for number, one in enumerate(boxes):
        assert not any(_overlap(one, other) for other in boxes[number + 1 :])
    names = watched.page.locator(".step").evaluate_all(
        "all => all.every(e => e.querySelector('.step-name').getBoundingClientRect().right"
        " <= e.querySelector('.step-box').getBoundingClientRect().right)"
    )
    assert names
    watched.assert_quiet()


def test_the_page_prints_without_boxes_that_scroll(page_of: Callable[..., str], open_page: Callable[..., Any]) -> None:
    watched = open_page(page_of([Table([[number] for number in range(200)])]))
    watched.page.emulate_media(media="print")
    heights = "[document.querySelector('.scroll').clientHeight, document.querySelector('.scroll').scrollHeight]"
    shown, whole = watched.page.evaluate(heights)
    assert shown == whole


def test_the_page_can_be_used_with_the_keyboard(page_of: Callable[..., str], open_page: Callable[..., Any]) -> None:
    watched = open_page(page_of([Section("One", contents=[Table([[1]])]), Section("Two", contents=["b"])]))
    focused = "document.activeElement.className || document.activeElement.tagName"
    watched.page.keyboard.press("Tab")
    assert watched.page.evaluate(focused) == "skip"
    watched.page.keyboard.press("Enter")
    assert watched.page.evaluate("document.activeElement.id") == "content"
    watched.page.keyboard.press("Tab")
    assert watched.page.evaluate(focused) == "scroll"


def test_the_policy_allows_the_pages_own_scripts_alone(page_of: Callable[..., str]) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page_of([Text("a")]))
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe-inline" not in policy[1].partition("script-src")[2]
    assert "unsafe-eval" not in policy[1]


def _overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return not (
        one["right"] <= other["left"]
        or other["right"] <= one["left"]
        or one["bottom"] <= other["top"]
        or other["bottom"] <= one["top"]
    )


def _assert_accessible(page: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious]
