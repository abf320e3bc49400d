"""Whatever was gone over and is asked for: what is found is what is equal, or written the same way."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowkit.client import Step, metadata, namespace, source
from flowkit.model.foreach_label import LONGEST_LABEL, label
from support.recorded_foreach import a_foreach, found
from support.recorded_run import FLOW, RecordedRun

# Short, long with one beginning, and what JSON and SQL have their own ideas of.
_texts = st.one_of(
    st.text(max_size=3),
    st.text(alphabet="ab", max_size=2).map(lambda end: "x" * LONGEST_LABEL + end),
    st.sampled_from(["", "#0", "#1", "1", "1.0", "True", "None", "'\"%_=\\", "\ud800", "x" * LONGEST_LABEL]),
)
_numbers = st.one_of(st.integers(-3, 3), st.booleans(), st.sampled_from([1.0, 0.5, 10**40, float("inf")]))
_plain = st.one_of(_texts, _numbers, st.none())
_items = st.one_of(_plain, st.tuples(_plain, _plain), st.lists(_plain, max_size=2), st.frozensets(_numbers, max_size=2))


def _matches(item: Any, wanted: Any) -> bool:
    """The rule that is documented."""
    if type(wanted) in (str, int, float, bool) and len(str(wanted)) < LONGEST_LABEL:
        return label(item) == str(wanted)
    return bool(item == wanted)


@settings(max_examples=40, deadline=None)
@given(items=st.lists(_items, min_size=1, max_size=6), others=st.lists(_items, max_size=3))
def test_any_items(items: list[Any], others: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, ".flowkit")
        root.mkdir()
        a_foreach(RecordedRun(root), items)
        metadata(f"local@{root}")
        namespace(None)
        step = Step(f"{FLOW}/1/work")
        for wanted in [*items, *others]:
            expected = [place for place, item in enumerate(items) if _matches(item, wanted)]
            assert found(step.where(input=wanted)) == expected, wanted
            # An artifact is found if it is equal, whatever it is.
            equal = [place for place, item in enumerate(items) if item == wanted]
            assert found(step.where(artifacts={"out": wanted})) == equal, wanted
        source.forget()
