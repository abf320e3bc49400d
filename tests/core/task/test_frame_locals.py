"""What is kept of a failed step's frames."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.task import frame_locals
from flowkit.task.frame_locals import Shown, kept_frames, read_frames
from flowkit.task.plain_values import plain_pickle
from flowkit.task.time_limit import time_limit


def failure_with(**variables: Any) -> BaseException:
    """An exception out of a frame that has these variables."""
    names = ", ".join(variables)
    space: dict[str, Any] = {}
    exec(compile(f"def fail({names}):\n    raise ValueError\n", "/home/user/flow.py", "exec"), space)
    try:
        space["fail"](**variables)
    except ValueError as error:
        own = error.__traceback__
        return error.with_traceback(own.tb_next if own else None)
    raise AssertionError


def same(text: str) -> str:
    return text


def locals_of(error: BaseException, **known: Any) -> dict[str, Any]:
    frames = read_frames(kept_frames(error.__traceback__, same, known), known)
    return dict(frames[-1].locals)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=50)
    | st.binary(max_size=50),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5) | st.tuples(inner)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_come_back(value: Any) -> None:
    assert locals_of(failure_with(value=value))["value"] == value


@pytest.mark.parametrize("value", [np.arange(4), np.float64(2.5), datetime(2026, 1, 2), Path("/a/b"), {1, 2}, 10**100])
def test_so_do_small_ones_of_well_known_types(value: Any) -> None:
    assert np.all(locals_of(failure_with(value=value))["value"] == value)


class Custom:
    def __repr__(self) -> str:
        return "<custom>"

    def __reduce__(self) -> Any:
        raise AssertionError("pickled")


class Raising:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Slow:
    def __repr__(self) -> str:
        try:
            time.sleep(60)
        except Exception:
            return "swallowed"
        return "slow"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Custom(), "<custom>"),
        ([Custom()], "[<custom>]"),
        (Raising(), "<its repr raises RuntimeError>"),
        (Slow(), "<its repr takes too long>"),
        (np.array([Custom()], dtype=object), "array([<custom>], dtype=object)"),
    ],
)
def test_of_all_others_the_repr_is_kept(value: Any, shown: str) -> None:
    kept = locals_of(failure_with(value=value))["value"]
    assert isinstance(kept, Shown)
    assert repr(kept) == shown


def test_large_values_are_cut() -> None:
    variables = {f"v{number}": "x" * 40_000 for number in range(200)}
    data = kept_frames(failure_with(**variables, array=np.zeros(10**6)).__traceback__, same, {})
    assert len(data) < 100_000
    (frame,) = json.loads(data)["frames"]
    assert len(frame["locals"]) == 60


def test_all_of_it_has_a_bound_in_size_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_locals, "_ALL_SECONDS", 0.05)
    kept = locals_of(failure_with(**{f"slow{number}": Slow() for number in range(50)}))
    assert repr(kept["slow49"]) == "<not kept: too many variables>"
    monkeypatch.setattr(frame_locals, "_ALL_SECONDS", 60.0)
    monkeypatch.setattr(frame_locals, "_MOST_BYTES", 2_000)
    kept = locals_of(failure_with(**{f"v{number}": "x" * 300 for number in range(50)}))
    assert kept["v0"] == "x" * 300
    assert repr(kept["v49"]) == "<not kept: too many variables>"


def test_secrets_are_taken_out_and_values_with_them_not_kept() -> None:
    def redacted(text: str) -> str:
        return text.replace("hunter2", "***")

    error = failure_with(a="hunter2", b=["x", "hunter2" * 900, "y" * 195 + "hunter2"], c=b"hunter2", my_password="abc")
    data = kept_frames(error.__traceback__, redacted, {})
    assert b"hunt" not in data
    assert b"abc" not in data
    entries = json.loads(data)["frames"][0]["locals"]
    assert not any(b"hunter2" in b64decode(entry.get("value", "")) for entry in entries.values())
    assert entries["my_password"]["repr"] == "***"


def test_what_the_reader_has_again_is_named() -> None:
    flow = Custom()
    error = failure_with(self=flow, other=1)
    assert read_frames(kept_frames(error.__traceback__, same, {"self": flow}), {"self": "again"})[0].locals == {
        "self": "again",
        "other": 1,
    }


def test_frames_of_flowkit_are_left_out_and_the_innermost_is_last() -> None:
    try:
        frame_locals.read_frames(b"{", {})
    except ValueError as error:
        frames = read_frames(kept_frames(error.__traceback__, same, {}), {})
    assert frames[0].file == __file__
    assert not any("frame_locals.py" in frame.file and "test_" not in frame.file for frame in frames)
    assert "raw_decode" in {frame.function for frame in frames} or frames[-1].function == "decode"


def test_a_newer_format_is_left_alone() -> None:
    assert read_frames(b'{"version": 99, "frames": 1}', {}) == []


@pytest.mark.parametrize("value", ["x" * 20_000, list(range(2_000)), object(), lambda: 1, Custom()])
def test_what_isnt_plain_and_small_is_never_pickled(value: Any) -> None:
    assert plain_pickle(value) is None


def test_a_list_that_holds_itself_ends() -> None:
    value: list[Any] = []
    value.append(value)
    assert plain_pickle(value) is None


def test_the_time_limit_leaves_an_alarm_of_the_user_s_as_it_was() -> None:
    import signal

    called: list[int] = []
    previous = signal.signal(signal.SIGALRM, lambda *_: called.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 100)
        with pytest.raises(TimeoutError), time_limit(0.01):
            time.sleep(10)
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 50
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert not called
