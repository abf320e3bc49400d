"""A value that shows itself nowhere."""

from __future__ import annotations

import pickle
import traceback

import pytest

from flowkit.model.secret import SecretValue, masked, revealed


def test_it_is_seen_when_it_is_asked_for_only() -> None:
    secret = SecretValue("sesame-open")
    assert secret.reveal() == "sesame-open"
    for text in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        repr([secret]),
        repr({1: secret}),
    ):
        assert "sesame" not in text
        assert "***" in text
    assert not hasattr(secret, "__dict__")


def test_it_can_t_be_stored() -> None:
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(SecretValue("sesame-open"))


def test_equal_ones_are_equal() -> None:
    assert SecretValue("a") == SecretValue("a")
    assert SecretValue("a") != SecretValue("b")
    assert SecretValue("a") != "a"
    assert len({SecretValue("a"), SecretValue("a")}) == 1


def test_all_texts_of_a_value_are_masked_and_come_back() -> None:
    value = {"env_vars": {"A": "first", "B": ["second", 3, None]}, "flag": True}
    assert "first" not in repr(masked(value))
    assert "second" not in repr(masked(value))
    assert revealed(masked(value)) == value


def test_tracebacks_with_locals_don_t_show_it() -> None:
    def fails() -> None:
        hidden = SecretValue("sesame-open")
        raise ValueError(len(hidden.reveal()))

    with pytest.raises(ValueError, match="11") as caught:
        fails()
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "hidden = SecretValue('***')" in shown
    assert "sesame-open" not in shown.replace('SecretValue("sesame-open")', "")
