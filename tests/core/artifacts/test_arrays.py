"""Arrays come back as memory of one's own, whatever they were when they were stored."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore


@pytest.fixture
def store(tmp_path: Any) -> ArtifactStore:
    return ArtifactStore(LocalDatastore(str(tmp_path)), "ArrayFlow")


def fixed(array: Any) -> Any:
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "array",
    [
        fixed(np.arange(4)),
        fixed(np.arange(200_000)),
        fixed(np.asfortranarray(np.arange(90_000.0).reshape(300, 300))),
        fixed(np.arange("2020-01", "2021-01", dtype="datetime64[D]")),
        fixed(np.array([(1, "é"), (2, "x")], dtype=[("a", "i4"), ("b", "U3")])),
        fixed(np.array([{"a": 1}, None], dtype=object)),
        fixed(np.arange(100).reshape(10, 10))[::2, ::3],
        fixed(np.array(5)),
        fixed(np.zeros((0, 3))),
        np.broadcast_to(np.arange(3), (4, 3)),
        pd.DataFrame({"y": range(50_000)})["y"].to_numpy(),
        pd.DataFrame({"y": [0, 1]}).index.to_numpy(),
    ],
    ids=lambda array: f"{array.dtype}-{array.shape}",
)
def test_an_array_that_was_read_only_can_be_written_to(store: ArtifactStore, array: Any) -> None:
    for value in (array, {"in": [array, array]}):
        loaded = store.load(store.save("a", value))
        if value is not array:
            assert loaded["in"][0] is loaded["in"][1]
            loaded = loaded["in"][0]
        assert (loaded.dtype, loaded.shape) == (array.dtype, array.shape)
        assert loaded.flags.f_contiguous == array.flags.f_contiguous or not array.flags.forc
        np.testing.assert_array_equal(loaded, array)
        loaded[...] = loaded.copy()


def test_an_array_that_only_lives_while_it_is_pickled(store: ArtifactStore) -> None:
    class Made:
        def __reduce__(self) -> tuple[Any, ...]:
            return np.copy, (fixed(np.arange(1_000_000)),)

    entry = store.save("a", [Made() for _ in range(5)])
    gc.collect()
    assert [int(each.sum()) for each in store.load(entry)] == [499_999_500_000] * 5


def test_whether_it_could_be_written_to_is_no_part_of_the_content(store: ArtifactStore) -> None:
    assert store.save("a", np.arange(100_000)).hash == store.save("a", fixed(np.arange(100_000))).hash
