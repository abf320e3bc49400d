"""Tests of several readers and writers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flowkit.errors import CorruptedBlobError
from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore_base import RawAccess

__all__ = ["TogetherTests"]

_SIZE = 3 << 20
_ROUNDS = 30


class TogetherTests(RawAccess):
    """Concurrency. A store's author may run these over processes too."""

    def test_a_reader_sees_the_whole_of_one_version(self, store: Datastore) -> None:
        """While a writer replaces the object again and again."""
        store.put("F/a", [bytes(_SIZE)])

        def write() -> None:
            for number in range(_ROUNDS):
                store.put("F/a", [bytes([number]) * (_SIZE // 2), bytes([number]) * (_SIZE // 2)], overwrite=True)

        def read() -> None:
            content = store.get("F/a")
            assert content == content[:1] * _SIZE
            buffer = store.get_buffer("F/a", _SIZE)
            assert buffer == bytes(buffer[:1]) * _SIZE

        _while_running(write, read)

    def test_a_reader_never_sees_half_of_a_new_object(self, store: Datastore) -> None:
        """It isn't there, or it is there as a whole; in a listing too."""

        def write() -> None:
            for number in range(_ROUNDS):
                staged = store.stage("F")
                for _ in range(3):
                    staged.write(b"x" * (1 << 19))
                staged.commit(f"F/s{number}")
                store.put(f"F/p{number}", [b"x" * (1 << 19)] * 3)

        def read() -> None:
            for info in store.list("F"):
                assert info.size == 3 << 19, info
                assert info.key[2] in "sp", info

        _while_running(write, read)

    def test_many_writers_of_one_object_are_harmless(self, store: Datastore) -> None:
        """Each may write it or find it; a reader finds it whole from the first time on."""
        content = b"y" * _SIZE

        def write(_: int) -> bool:
            wrote = store.put("F/a", [content])
            try:
                assert store.get_buffer("F/a", _SIZE) == content
            except CorruptedBlobError as error:
                raise AssertionError("a reader saw another size") from error
            return wrote

        with ThreadPoolExecutor(8) as pool:
            assert any(pool.map(write, range(24)))
        assert self.raw_list(store) == {"F/a"}

    def test_writers_and_removers_of_neighbours_are_harmless(self, store: Datastore) -> None:
        """A level that becomes empty may vanish, but not under a writer's feet."""

        def churn(number: int) -> None:
            for round_number in range(60):
                key = f"F/deep/level/{number}-{round_number % 3}"
                store.put(key, [b"x"])
                store.delete([key])

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(churn, range(4)))
        assert list(store.list("")) == []


def _while_running(action: Callable[[], None], check: Callable[[], None]) -> None:
    """Repeat ``check`` until ``action``, in a thread, has ended; at least once."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        check()
        while thread.is_alive():
            check()
    finally:
        thread.join()
    if failures:
        raise failures[0]
