"""What is said of a value that can't be pickled."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flowkit.artifacts.store import ArtifactStore
from flowkit.errors import UnpicklableArtifact


class Model:
    """With parts."""

    def __init__(self, callback: Any = None) -> None:
        self.callback = callback
        self.layers = [1, 2]


class Slotted:
    __slots__ = ("inner",)

    def __init__(self, inner: Any) -> None:
        self.inner = inner


class Stubborn:
    """Says why not."""

    def __reduce__(self) -> str:
        raise ValueError("this one never leaves")


class Reducing:
    """Keeps its state where nobody looks."""

    def __init__(self, hidden: Any) -> None:
        _hidden[id(self)] = hidden

    def __reduce__(self) -> tuple[Any, ...]:
        return Reducing, (_hidden[id(self)],)


_hidden: dict[int, Any] = {}


def local_function() -> Callable[[], int]:
    def inner() -> int:
        return 1

    return inner


def local_class() -> type:
    class Inner:
        pass

    return Inner


def generator() -> Iterator[int]:
    yield 1


def cyclic() -> list[Any]:
    value: list[Any] = [1]
    value.append(value)
    value.append({"f": lambda: 1})
    return value


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


CASES: list[tuple[Callable[[], Any], str]] = [
    (lambda: lambda: 1, r"^self\.x, of type builtins\.function, can't be pickled: it is a lambda"),
    (lambda: Model(lambda: 1), r"of type .*Model, can't be pickled: self\.x\.callback is a lambda"),
    (lambda: {"models": [Model(), Model(lambda: 1)]}, r"self\.x\['models'\]\[1\]\.callback is a lambda .*top level"),
    (lambda: [{(1, 2): local_function()}], r"self\.x\[0\]\[\(1, 2\)\] is the function inner, which is defined inside"),
    (lambda: Slotted([1, threading.Lock()]), r"self\.x\.inner\[1\] is of type _thread\.lock"),
    (lambda: {"a": generator()}, r"self\.x\['a'\] is a generator .*Make it a list"),
    (lambda: [os], r"self\.x\[0\] is the module os .*Import it in the step"),
    (local_class, r"it is the class .*Inner"),
    (lambda: [local_class()()], r"self\.x\[0\] is an instance of the class Inner, which is defined inside a function"),
    (lambda: {"db": sqlite3.connect(":memory:")}, r"self\.x\['db'\] is of type sqlite3\.Connection"),
    (lambda: Model(Stubborn()), r"self\.x\.callback is of type .*Stubborn \(ValueError: this one never leaves\)"),
    (lambda: {Stubborn(): 1}, r"self\.x\.keys\(\)\[.*\] is of type .*Stubborn"),
    (lambda: {1, Stubborn()}, r"self\.x\{…\} is of type .*Stubborn"),
    (lambda: [Reducing(lambda: 1)], r"self\.x\[0\] \(in what Reducing\.__reduce__ gives\) is a lambda"),
    (cyclic, r"self\.x\[2\]\['f'\] is a lambda"),
    (lambda: nested(100_000), r"self\.x.* nested too deeply"),
    (lambda: [*range(300_000), lambda: 1], r"self\.x\[300000\] is a lambda"),
]


@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
@pytest.mark.parametrize(("make", "message"), CASES)
def test_the_part_that_fails_is_named(store: ArtifactStore, make: Callable[[], Any], message: str) -> None:
    value = make()
    with pytest.raises(UnpicklableArtifact, match=message) as caught:
        store.save("x", value)
    assert caught.value.__cause__ is not None
    assert "\n" not in str(caught.value)
    assert not os.path.exists(store.datastore.root) or not [
        name for _, _, names in os.walk(store.datastore.root) for name in names
    ], "nothing is left behind"
    if hasattr(value, "get") and isinstance(value.get("db"), sqlite3.Connection):
        value["db"].close()


def test_an_open_file_is_named(store: ArtifactStore, tmp_path: Any) -> None:
    with (
        open(tmp_path / "data.txt", "w") as file,
        pytest.raises(UnpicklableArtifact, match=r"an open file \('.*data.txt'\)"),
    ):
        store.save("x", [file])


def test_a_value_that_fails_only_as_a_whole(store: ArtifactStore) -> None:
    """Each part pickles by itself."""

    class Whole:
        def __getstate__(self) -> dict[str, Any]:
            raise RuntimeError("not now")

    Whole.__qualname__ = "Whole"
    with pytest.raises(UnpicklableArtifact, match="not now"):
        store.save("x", Whole())
