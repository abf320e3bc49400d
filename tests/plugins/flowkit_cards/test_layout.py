"""Names of stored cards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit_cards.layout import CardName, cards_prefix, hash_of, is_card_key, is_name, run_prefix_of, task_of_key

NAMES = st.from_regex(r"[A-Za-z0-9_.]{1,12}", fullmatch=True)


@given(st.integers(0, 99), NAMES, st.none() | NAMES, st.booleans())
def test_a_name_comes_back(index: int, kind: str, name: str | None, has_page: bool) -> None:
    card = CardName(index, kind, name, hash_of("x") if has_page else None)
    key = f"{cards_prefix('F', '1', 's', '2', 0)}/{card.file}"
    assert CardName.parse(key) == card
    assert is_card_key(key)
    assert task_of_key(key) == ("F/1/s/2", 0)
    assert key.startswith(run_prefix_of("F", "1") + "/")


@pytest.mark.parametrize("key", ["F/runs/1/s/2/0.json", "F/runs/1/s/2/cards/0/readme.txt", "F/blobs/ab/abc", "x"])
def test_other_keys_are_no_cards(key: str) -> None:
    assert not is_card_key(key)
    assert task_of_key(key) is None or CardName.parse(key) is None


@pytest.mark.parametrize("name", ["", "a/b", "a-b", "..\\x", "a b", None, 3, "é"])
def test_what_is_no_name(name: object) -> None:
    assert not is_name(name)
