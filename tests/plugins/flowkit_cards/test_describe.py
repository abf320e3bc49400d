"""Values as text and as JSON, whatever they do."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit_cards.describe import Limits, describe, display_text, simplify


class Raising:
    """Can't be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __repr__


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.builds(Raising),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    max_leaves=40,
)


@given(VALUES)
def test_any_value_becomes_strict_json(value: Any) -> None:
    json.dumps(simplify(value).value, allow_nan=False).encode("utf-8", "surrogatepass")


@given(VALUES)
def test_any_value_can_be_described(value: Any) -> None:
    assert isinstance(describe(value)[0], str)
    assert isinstance(display_text(value)[0], str)


def test_plain_json_stays_as_it_is() -> None:
    value = {"a": [1, 2.5, None, True, "x"], "b": {"c": {}}}
    assert simplify(value).value == value
    assert simplify(value).notes == ()


def test_a_value_inside_itself_is_a_note() -> None:
    value: dict[str, Any] = {"x": 1}
    value["self"] = value
    assert simplify(value).value == {"x": 1, "self": "<the same dict again>"}
    assert "..." in describe(value)[0] or "{...}" in describe(value)[0]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_has_not_are_text(number: float) -> None:
    assert simplify([number]).value == [str(number)]


def test_what_is_cut_is_said() -> None:
    many = simplify(list(range(100)), Limits(values=10))
    assert len(many.value) == 9
    assert "of 100" in many.notes[0]
    deep: Any = "end"
    for _ in range(30):
        deep = [deep]
    assert "levels" in simplify(deep).notes[0]
    text, note = describe("x" * 5000, 100)
    assert len(text) < 120
    assert "5,000" in note
    data, note = describe(bytes(10_000_000))
    assert len(data) < 3000
    assert "10.0 MB" in note


def test_an_object_that_can_not_print_itself_says_so() -> None:
    assert "its repr raised RuntimeError" in describe(Raising())[0]
    assert "its repr raised RuntimeError" in describe([Raising()])[0]
    assert "its repr raised RuntimeError" in display_text(Raising())[0]


def test_numpy_values_are_numbers() -> None:
    value = {"a": np.float32(0.5), "b": np.arange(3), "c": Decimal("1.5"), "d": np.array(7)}
    assert simplify(value).value == {"a": 0.5, "b": [0, 1, 2], "c": "Decimal('1.5')", "d": 7}


def test_an_integer_of_a_million_digits_is_not_printed() -> None:
    assert simplify(10**1_000_000).value.startswith("<an integer of ")
