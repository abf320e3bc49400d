"""The contract of datastores, as tests that a datastore's author inherits.

::

    class TestRedisDatastore(DatastoreContract):
        def make_store(self, folder): ...
        def raw_get(self, store, key): ...
        def raw_put(self, store, key, content): ...
        def raw_list(self, store): ...

The raw access passes the datastore by, so that what it writes and what it reads are checked apart: one that got both
wrong in the same way would pass otherwise.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore_aside import AsideTests
from flowkit.testing.datastore_keys import KeyTests
from flowkit.testing.datastore_model import check_against_model
from flowkit.testing.datastore_reading import ReadingTests
from flowkit.testing.datastore_together import TogetherTests
from flowkit.testing.datastore_writing import WritingTests

__all__ = ["DatastoreContract"]


class DatastoreContract(WritingTests, ReadingTests, KeyTests, TogetherTests, AsideTests):
    """Inherit, make stores, and give the raw access."""

    # --- what an author gives --------------------------------------------------------------------------------------

    @abstractmethod
    def make_store(self, folder: Path) -> Datastore:
        """A store with nothing in it; ``folder`` is empty, its own, and may be used or not."""

    @abstractmethod
    def raw_get(self, store: Datastore, key: str) -> bytes | None:
        """The content of an object, read without the datastore; None if there is none."""

    @abstractmethod
    def raw_put(self, store: Datastore, key: str, content: bytes) -> None:
        """Write an object without the datastore. Keys are plain: letters, digits and slashes."""

    @abstractmethod
    def raw_list(self, store: Datastore) -> set[str]:
        """All keys, listed without the datastore. Asked only where keys are plain."""

    # --- fixtures --------------------------------------------------------------------------------------------------

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Datastore]:
        """A store with nothing in it."""
        folder = tmp_path / "store"
        folder.mkdir()
        store = self.make_store(folder)
        yield store
        store.close()

    # --- all together ----------------------------------------------------------------------------------------------

    def test_any_sequence_of_operations_agrees_with_a_dict(self, tmp_path: Path) -> None:
        """Hypothesis plays random operations against the store and a plain dict."""
        check_against_model(self.make_store, tmp_path)
