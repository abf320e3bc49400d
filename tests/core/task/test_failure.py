"""How a storage failure is shown: the user's frames, and one line; nothing of what an SDK did meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import ModuleType
from typing import Any

import pytest

from flowkit.errors import DatastoreError
from flowkit.task.failure import format_failure


def module(name: str, source: str) -> ModuleType:
    """A module whose code has a file and a name of its own."""
    made = ModuleType(name)
    made.__dict__.update(cached_property=cached_property, DatastoreError=DatastoreError)
    exec(compile(source, f"/lib/{name}.py", "exec"), made.__dict__)
    return made


SDK = module("some_sdk", "def request(): raise ConnectionError('reset')")
PLUGIN = module(
    "flowkit_far",
    """
class Store:
    @cached_property
    def content(self):
        try:
            SDK.request()
        except ConnectionError as error:
            raise DatastoreError("GET far://x failed: reset") from error
""",
)
PLUGIN.SDK = SDK  # type: ignore[attr-defined]
USER = module("__main__", "def body(store): return store.content")
LIBRARY = module("my_library", "def load(store, body): return body(store)")
CORE = module("flowkit.task.somewhere", "def attempt(call, *given): return call(*given)")


def shown(call: Callable[..., Any], *given: Any) -> str:
    with pytest.raises(DatastoreError) as caught:
        CORE.attempt(call, *given)
    # The test's own frame is no part of a task.
    return format_failure(caught.value.with_traceback(caught.value.__traceback__.tb_next))  # type: ignore[union-attr]


def test_in_the_users_code() -> None:
    text = shown(LIBRARY.load, PLUGIN.Store(), USER.body)
    lines = [line.strip() for line in text.splitlines()]
    assert lines == [
        "Traceback (most recent call last):",
        'File "/lib/my_library.py", line 1, in load',
        'File "/lib/__main__.py", line 1, in body',
        "Datastore error: GET far://x failed: reset",
    ]


def test_outside_of_the_users_code() -> None:
    assert shown(CORE.attempt, getattr, PLUGIN.Store(), "content") == "Datastore error: GET far://x failed: reset\n"
