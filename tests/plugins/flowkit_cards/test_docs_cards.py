"""The pages about cards: their examples run, and the reference has all that there is."""

from __future__ import annotations

import re

import pytest

from flowkit_cards import public
from flowkit_cards.components.base import CardComponent
from flowkit_cards.decorator import CardDecorator
from flowkit_cards.plugin import flowkit_card_types
from support.doc_examples import run_page
from support.project import Project
from support.sources import ROOT

REFERENCE = ROOT / "docs/reference/cards.md"


@pytest.mark.parametrize("page", ["how-to/cards.md", "reference/cards.md"])
def test_the_examples_run(page: str, project: Project) -> None:
    assert run_page(ROOT / "docs" / page, project) > 1


def test_every_component_is_in_the_reference() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", REFERENCE.read_text(), re.MULTILINE))
    components = {
        name
        for name in public.__all__
        if isinstance(value := getattr(public, name), type) and issubclass(value, CardComponent)
    } - {"CardComponent", "PageComponent"}
    assert components <= rows


def test_whether_a_component_updates_is_as_the_reference_says() -> None:
    for name, updates in re.findall(r"^\| `([A-Z]\w+)` \|.*\| (yes|no) \|$", REFERENCE.read_text(), re.MULTILINE):
        assert getattr(public, name).REALTIME_UPDATABLE is (updates == "yes"), name


def test_every_type_and_argument_is_in_the_reference() -> None:
    text = REFERENCE.read_text()
    for provider in flowkit_card_types():
        assert f"| `{provider.name}` |" in text
    for argument in set(CardDecorator.defaults) - {"scope", "rank"}:
        assert f"| `{argument}` |" in text
