"""Components, their forms and their updates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flowkit.cards import (
    DAG,
    HTML,
    Artifact,
    Artifacts,
    CardComponent,
    Error,
    EventsTimeline,
    Heading,
    JSONViewer,
    Log,
    Markdown,
    Page,
    ProgressBar,
    PythonCode,
    Section,
    Subtitle,
    Text,
    Title,
    ValueBox,
    VegaChart,
    YAMLViewer,
)

from flowkit_cards.components.base import form_of
from flowkit_cards.components.looks import LOOKS, draw
from flowkit_cards.drawing.element import to_html

BAR_CHART = {"data": {"values": [{"a": "A", "b": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}


def html_of(component: object) -> str:
    return to_html(draw(form_of(component)))


@pytest.mark.parametrize(
    ("component", "form"),
    [
        (Text("a"), {"type": "text", "text": "a"}),
        (Text(3), {"type": "text", "text": "3"}),
        (Heading("a", level=2), {"type": "heading", "text": "a", "level": 2}),
        (Title("a"), {"type": "title", "text": "a"}),
        (Subtitle("a"), {"type": "subtitle", "text": "a"}),
        (Markdown("# a"), {"type": "markdown", "source": "# a"}),
        (HTML("<b>a</b>"), {"type": "html", "data": "<b>a</b>"}),
        (Log(b"a\nb"), {"type": "log", "data": "a\nb"}),
        (PythonCode(code_string="a = 1"), {"type": "pythonCode", "data": "a = 1"}),
        (ProgressBar(10, "a", 3, "rows", "fast"), {
            "type": "progressBar", "max": 10, "value": 3, "label": "a", "unit": "rows", "details": "fast",
        }),
        (ValueBox("a", 3, theme="success"), {"type": "valueBox", "title": "a", "value": "3", "theme": "success"}),
        (JSONViewer({"a": 1}), {
            "type": "jsonViewer", "data": {"a": 1}, "collapsible": True, "max_height": None, "copy": True,
        }),
        (VegaChart(BAR_CHART), {"type": "vegaChart", "spec": BAR_CHART, "options": {"actions": False}}),
        (Artifact([1], "a"), {"type": "artifacts", "data": [{"name": "a", "type": "list", "data": "[1]"}]}),
        (Section("a", contents=[Text("b")]), {
            "type": "section", "title": "a", "contents": [{"type": "text", "text": "b"}],
        }),
        (Page("a"), {"type": "page", "title": "a", "contents": []}),
        ("text", {"type": "text", "text": "text"}),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_component_has_a_form(component: object, form: dict[str, Any]) -> None:
    assert form_of(component) == form


def test_every_type_of_form_is_drawn() -> None:
    for kind in LOOKS:
        assert "can't be drawn" not in to_html(draw({"type": kind, "events": [], "text": "x", "source": "x"})), kind


@pytest.mark.parametrize(
    ("component", "change", "shown"),
    [
        (Text("a"), ("b",), "b"),
        (Markdown("a"), ("*b*",), "<em>b</em>"),
        (ProgressBar(10, "rows"), (7,), "7 / 10"),
        (ValueBox("a", 1), ("a", 2), ">2<"),
        (Artifact({"a": 1}), ({"b": 2},), "&#x27;b&#x27;: 2"),
        (Artifacts({"a": 1}), ({"b": 2},), "b"),
        (Log("a"), ("b",), "b"),
        (JSONViewer({"a": 1}), ({"b": 2},), "b"),
        (YAMLViewer({"a": 1}), ({"b": 2},), "b"),
        (Section("a"), ([Text("b")],), "b"),
        (EventsTimeline("a"), ({"b": "c"},), "c"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_update_is_shown(component: Any, change: tuple[Any, ...], shown: str) -> None:
    before = html_of(component)
    component.update(*change)
    assert html_of(component) != before
    assert shown.replace("&#x27;", "'") in html_of(component).replace("&#x27;", "'")


def test_a_component_that_fails_shows_why() -> None:
    form = form_of(VegaChart(3))
    assert form["type"] == "error"
    assert "int" in form["text"]


class Mine(CardComponent):
    """A third party's."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def render(self) -> Any:
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


def test_a_third_partys_component_is_a_form_or_text() -> None:
    assert form_of(Mine("<b>x</b>")) == {"type": "text", "text": "<b>x</b>"}
    assert "&lt;b&gt;" in html_of(Mine("<b>x</b>"))
    assert form_of(Mine(Markdown("x").render())) == {"type": "markdown", "source": "x"}


@pytest.mark.parametrize("result", [3, None, {"no": "type"}, ValueError("broken")])
def test_a_third_partys_component_that_fails_shows_why(result: Any) -> None:
    form = form_of(Mine(result))
    assert form["type"] == "error"
    assert "Mine" in form["title"]


def test_an_unknown_type_of_form_says_so() -> None:
    assert "can&#x27;t be drawn" in to_html(draw({"type": "hologram"})).replace("'", "&#x27;")


def test_forms_of_third_parties_are_made_strict_json() -> None:
    form = form_of(Mine({"type": "table", "columns": ["a"], "data": [[float("nan"), {1, 2}]]}))
    json.dumps(form, allow_nan=False)


def test_markdown_is_sanitised() -> None:
    html = html_of(Markdown('[x](javascript:alert(1)) <img src="https://example.org/a.png" onerror="alert(1)"> '
                            "<script>alert(1)</script> ![](data:image/png;base64,AAAA) <b>bold</b>"))  # fmt: skip
    assert "javascript:" not in html.replace("(javascript:alert(1))", "")
    assert "onerror" not in html
    assert "<script" not in html
    assert "example.org" not in html
    assert "data:image/png" in html
    assert "<b>bold</b>" in html


def test_markdown_headings_stand_below_the_cards_own() -> None:
    assert "<h2>a</h2>" in html_of(Markdown("# a"))


def test_an_exception_is_shown_with_its_traceback() -> None:
    try:
        raise ValueError("why")
    except ValueError as error:
        form = form_of(Error(error, "Broken"))
    assert form["title"] == "Broken"
    assert "raise ValueError" in form["text"]


def test_events_are_counted_and_the_oldest_go() -> None:
    events = EventsTimeline("a", max_events=2)
    for number in range(5):
        events.update({"n": number}, payloads={"more": JSONViewer([number])})
    form = form_of(events)
    assert [event["metadata"]["n"] for event in form["events"]] == ["4", "3"]
    assert form["stats"]["total_events"] == 5


def test_events_take_known_payloads_and_plain_themes() -> None:
    with pytest.raises(TypeError, match="ValueBox"):
        EventsTimeline().update({}, payloads={"x": VegaChart(BAR_CHART)})
    with pytest.raises(ValueError, match="style_theme"):
        EventsTimeline().update({}, style_theme='"><script>')


def test_a_value_box_takes_known_themes() -> None:
    with pytest.raises(ValueError, match="theme"):
        ValueBox(theme="neon")


def test_a_chart_of_altair() -> None:
    altair = pytest.importorskip("altair")
    import pandas as pd

    chart = altair.Chart(pd.DataFrame({"a": ["A"], "b": [1]})).mark_bar().encode(x="a", y="b")
    form = form_of(VegaChart.from_altair_chart(chart))
    assert form["spec"]["mark"]["type"] == "bar"


def test_a_chart_has_no_nan() -> None:
    form = form_of(VegaChart({"data": {"values": [{"a": float("nan")}]}}))
    assert form["spec"]["data"]["values"] == [{"a": None}]


def test_a_dag_needs_a_graph_outside_a_run() -> None:
    assert form_of(DAG())["type"] == "error"


def test_yaml_is_yaml() -> None:
    html = html_of(
        YAMLViewer({"a": {"b": [1, "yes", "plain text"]}, "c": None}, collapsible=False, show_copy_button=False)
    )
    assert 'a:\n  b:\n    - 1\n    - "yes"\n    - plain text\nc: null' in html.replace("&quot;", '"')


def test_a_long_log_shows_its_end() -> None:
    form = form_of(Log("\n".join(f"line {number}" for number in range(100_000))))
    assert form["data"].endswith("line 99999")
    assert "cut" in form["note"]
