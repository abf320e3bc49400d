"""Descriptions of flows."""

from __future__ import annotations

import pytest

from flowkit.cli.text import dedent, describe


@pytest.mark.parametrize(
    ("doc", "text"),
    [
        ("", ""),
        ("One.", "One."),
        ("\n    One.\n    Two.\n    ", "One.\nTwo."),
        ("One.\n\n      Two.\n        Three.\n", "One.\n\nTwo.\n  Three."),
        ("One.\n\tTwo.", "One.\nTwo."),
    ],
)
def test_shared_indentation_is_taken_away(doc: str, text: str) -> None:
    assert dedent(doc) == text


def test_a_class_without_docstring_is_described_by_its_name_and_not_by_its_base() -> None:
    class Base:
        """About the base."""

    class Flow(Base):
        pass

    assert describe(Flow) == "The flow Flow."
    assert describe(Base) == "About the base."
