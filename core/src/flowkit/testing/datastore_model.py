"""A datastore against a dict, by random operations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from flowkit.errors import KeyNotFound
from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore_keys import components

__all__ = ["check_against_model"]

_CONTENTS = st.lists(st.binary(max_size=8), max_size=3)
# All keys have three components, since one key may not be the beginning of another.
_KEYS = st.tuples(st.sampled_from(["F", "G"]), components(), components()).map("/".join)


def check_against_model(make_store: Callable[[Path], Datastore], folder: Path, *, max_examples: int = 40) -> None:
    """Play random operations; ``make_store`` is called with a new folder for each sequence."""
    number = iter(range(1 << 30))

    def new_store() -> Datastore:
        own = folder / f"example-{next(number)}"
        own.mkdir()
        return make_store(own)

    class Machine(_DatastoreMachine):
        def __init__(self) -> None:
            super().__init__(new_store())

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=max_examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


class _DatastoreMachine(RuleBasedStateMachine):
    def __init__(self, store: Datastore) -> None:
        super().__init__()
        self.store = store
        self.model: dict[str, bytes] = {}
        self.used = ["F/a/a"]

    def teardown(self) -> None:
        """End of one sequence."""
        self.store.close()

    def _key(self, data: st.DataObject) -> str:
        key = data.draw(st.one_of(st.sampled_from(self.used), _KEYS))
        if key not in self.used:
            self.used.append(key)
        return key

    @rule(data=st.data(), parts=_CONTENTS, overwrite=st.booleans())
    def put(self, data: st.DataObject, parts: list[bytes], overwrite: bool) -> None:
        """Write."""
        key, content = self._key(data), b"".join(parts)
        writes = overwrite or key not in self.model or len(self.model[key]) != len(content)
        assert self.store.put(key, parts, overwrite=overwrite) is writes
        if writes:
            self.model[key] = content

    @rule(data=st.data(), parts=_CONTENTS, keep=st.booleans())
    def stage(self, data: st.DataObject, parts: list[bytes], keep: bool) -> None:
        """Write without a key, then give it one or drop it."""
        key, content = self._key(data), b"".join(parts)
        staged = self.store.stage("F")
        for part in parts:
            staged.write(part)
        if not keep:
            staged.discard()
            return
        writes = key not in self.model or len(self.model[key]) != len(content)
        assert staged.commit(key) is writes
        if writes:
            self.model[key] = content

    @rule(data=st.data(), lines=_CONTENTS)
    def log(self, data: st.DataObject, lines: list[bytes]) -> None:
        """Write a log."""
        key = self._key(data)
        log = self.store.open_log(key)
        for line in lines:
            log.append(line)
        log.close()
        if lines:
            self.model[key] = b"".join(lines)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Remove two."""
        keys = [self._key(data), self._key(data)]
        self.store.delete(keys)
        for key in keys:
            self.model.pop(key, None)

    @rule(data=st.data(), start=st.integers(0, 10), length=st.none() | st.integers(0, 10))
    def read(self, data: st.DataObject, start: int, length: int | None) -> None:
        """Read in every way."""
        key = self._key(data)
        content = self.model.get(key)
        assert self.store.renew(key) is (content is not None)
        assert list(self.store.get_many([key])) == [(key, content)]
        info = self.store.info(key)
        if content is None:
            assert info is None
            with pytest.raises(KeyNotFound):
                self.store.get(key, start, length)
            return
        assert info is not None
        assert info.size == len(content)
        assert self.store.get(key, start, length) == content[start : None if length is None else start + length]
        assert self.store.get_buffer(key, len(content)) == content

    @rule(data=st.data(), depth=st.integers(0, 3))
    def list_below(self, data: st.DataObject, depth: int) -> None:
        """List, all and one level."""
        prefix = "/".join(self._key(data).split("/")[:depth])
        inside = {key for key in self.model if not prefix or key == prefix or key.startswith(f"{prefix}/")}
        assert sorted(info.key for info in self.store.list(prefix)) == sorted(inside)
        level = {"/".join(key.split("/")[: depth + 1]) + ("/" if key.count("/") > depth else "") for key in inside}
        assert sorted(info.key for info in self.store.list(prefix, recursive=False)) == sorted(level)

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        """All keys and sizes."""
        assert {info.key: info.size for info in self.store.list("")} == {
            key: len(content) for key, content in self.model.items()
        }
