"""A seed is told from the generator's state."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.builtin.local_compute.mersenne import was_seeded

SEEDS = st.one_of(
    st.integers(-(2**600), 2**600), st.text(max_size=200), st.binary(max_size=200), st.floats(allow_nan=False)
)


@given(SEEDS, st.integers(0, 620))
def test_a_seeded_generator_is_told(seed: int | str | bytes | float, drawn: int) -> None:
    generator = random.Random(seed)
    for _ in range(drawn):
        generator.random()
    assert was_seeded(generator.getstate()[1]) is True


@pytest.mark.parametrize("_", range(20))
def test_an_unseeded_generator_is_told(_: int) -> None:
    assert was_seeded(random.Random().getstate()[1]) is False


@given(st.integers(1, 3000))
def test_one_that_was_drawn_from_without_a_seed_is_unknown(drawn: int) -> None:
    generator = random.Random()
    generator.getrandbits(32 * drawn)
    assert was_seeded(generator.getstate()[1]) is None
