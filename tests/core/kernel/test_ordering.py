from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.kernel.ordering import OrderCycle, in_order

NAMES = "abcdef"
relations = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES + "z"), max_size=3).map(tuple), min_size=1
)


def pairs(before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]) -> set[tuple[str, str]]:
    """(first, second), for plugins that are there."""
    first = {(name, other) for name, others in before.items() for other in others if other in before}
    return first | {(other, name) for name, others in after.items() for other in others if other in before}


@given(relations, relations)
def test_an_order_keeps_to_what_is_asked_or_the_ring_is_shown(
    before: dict[str, tuple[str, ...]], more: dict[str, tuple[str, ...]]
) -> None:
    after = {name: more.get(name, ()) for name in before}
    wanted = pairs(before, after)
    try:
        order = in_order(before, after)
    except OrderCycle as cycle:
        ring = cycle.names
        assert ring[0] == ring[-1]
        assert all(step in wanted for step in pairwise(ring))
        return
    assert sorted(order) == sorted(before)
    assert all(order.index(first) < order.index(second) for first, second in wanted)


@given(st.permutations(list(NAMES)))
def test_without_wishes_the_order_is_by_name(names: list[str]) -> None:
    nothing: dict[str, tuple[str, ...]] = dict.fromkeys(names, ())
    assert in_order(nothing, nothing) == sorted(names)


def test_a_plugin_before_itself_is_a_ring() -> None:
    with pytest.raises(OrderCycle, match="a before a"):
        in_order({"a": ("a",)}, {"a": ()})
