"""Elements: what a user's text becomes."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit_cards.drawing.element import Node, clean, h, to_html, trusted_html

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(TEXTS, TEXTS)
def test_text_and_attributes_come_back_as_they_were(text: str, attribute: str) -> None:
    reader = _Reader()
    reader.feed(to_html(h("p", {"title": attribute}, text)))
    reader.close()
    assert reader.tags == [("p", {"title": clean(attribute)})]
    assert reader.text == clean(text)


@given(st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=4).map(lambda nodes: h("div", {"a": "b"}, nodes))))
def test_an_element_is_json(node: Node) -> None:
    assert json.loads(json.dumps(node)) == node


def test_children_may_be_lists_elements_text_or_nothing() -> None:
    made = h("ul", None, [h("li", None, "a"), h("li", None, "b")], None, "c", ["d"])
    assert to_html(made) == "<ul><li>a</li><li>b</li>cd</ul>"


def test_attributes_that_are_false_are_left_out() -> None:
    assert to_html(h("details", {"open": True, "hidden": False, "id": None})) == '<details open=""></details>'


@pytest.mark.parametrize("tag", ["scr ipt", "p>", "1"])
def test_no_name_can_break_out(tag: str) -> None:
    with pytest.raises(ValueError, match="no element"):
        to_html(h(tag))


@pytest.mark.parametrize("name", ["onclick", "OnLoad", "x=y", "a b", '"'])
def test_no_attribute_is_a_handler(name: str) -> None:
    with pytest.raises(ValueError, match="no attribute"):
        to_html(h("p", {name: "x"}))


def test_trusted_markup_is_kept() -> None:
    assert to_html(h("div", None, trusted_html("<b>x</b>"))) == "<div><b>x</b></div>"
