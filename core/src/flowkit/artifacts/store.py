"""Artifacts of one flow in one datastore: what tasks, the engine and the client work with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.artifacts import items, values
from flowkit.artifacts.blobs import Blobs
from flowkit.artifacts.codec import manifest_from_json, manifest_to_json
from flowkit.artifacts.layout import manifest_key
from flowkit.artifacts.pickling import pickle_to
from flowkit.artifacts.serializers import PICKLE, SerializerTable
from flowkit.errors import ArtifactError, CorruptedBlobError, FlowkitError, KeyNotFound
from flowkit.interfaces.datastore import Buffer, Datastore, as_bytes_view
from flowkit.model.artifact import ArtifactEntry, BlobRef, ItemsRef, Manifest

if TYPE_CHECKING:
    from flowkit.artifacts.fingerprint import Fingerprint

__all__ = ["ArtifactStore"]

#: Above this size of the payload a value isn't loaded again only to find that it was read and not changed.
_RELOAD_LIMIT = 16 << 20
_AGAIN = "have the step that stored it done again: resume STEP"


class ArtifactStore:
    """Saves and loads values, items of splits, manifests and plain blobs.

    Parameters
    ----------
    datastore
        Where bytes are kept.
    flow
        The flow's name: blobs are shared by all of its runs.
    serializers
        What stores values of which types; pickle takes the rest.
    main_file
        The flow's file, recorded in manifests as the source of types of ``__main__``.
    """

    def __init__(
        self, datastore: Datastore, flow: str, serializers: SerializerTable | None = None, *, main_file: str = ""
    ) -> None:
        self.datastore = datastore
        self.flow = flow
        self.serializers = SerializerTable() if serializers is None else serializers
        self.main_file = main_file
        self._blobs = Blobs(datastore, flow)

    # --- artifacts -------------------------------------------------------------------------------------------------

    def save(
        self,
        name: str,
        value: Any,
        *,
        previous: ArtifactEntry | None = None,
        main_module: ModuleType | None = None,
        serializer: str | None = None,
    ) -> ArtifactEntry:
        """Store a value; its entry belongs in a manifest.

        Parameters
        ----------
        previous
            The entry that the value was loaded from: returned as it is if the value was not changed since, and nothing
            is written then. A value that was changed is stored by the same serializer, if that still accepts it.
        main_module
            Where names of ``__main__`` in ``previous`` are found, as for :meth:`load`.
        serializer
            Name of the one that must store the value, whatever its type; ``pickle`` too.

        Raises
        ------
        UnpicklableArtifact
            That names the artifact, its type, and the part of it that can't be pickled; or the serializer that can't
            store it.
        UnknownCapability
            If no plugin provides the serializer.
        StorageFull, StorageReadOnly, DatastoreError
        """
        if serializer is None and (entry := values.plain_entry(value, self.serializers)) is not None:
            return previous if previous is not None and values.is_same(entry, previous) else entry
        where = f"self.{name}"
        if serializer is None and previous is not None and self.serializers.can_store_again(previous, value):
            serializer = previous.serializer
        pending = values.pend_value(where, value, self._blobs, self.serializers, serializer)
        try:
            if previous is not None and self._is_unchanged(pending, value, previous, main_module):
                return previous
            return pending.store()
        finally:
            pending.discard()

    def save_file(self, name: str, path: Path, *, encoding: str | None = None) -> ArtifactEntry:
        """Store the content of a file, in pieces: it is never in memory as a whole.

        Parameters
        ----------
        encoding
            The artifact is the text, of this encoding; None for bytes.

        Raises
        ------
        ArtifactError
            If the file can't be read or decoded.
        StorageFull, StorageReadOnly, DatastoreError
        """
        from flowkit.artifacts.file_values import pend_file, read_small

        content = read_small(path, encoding)
        return self.save(name, content) if content is not None else pend_file(path, encoding, self._blobs).store()

    def load(self, entry: ArtifactEntry, *, main_module: ModuleType | None = None, name: str = "") -> Any:
        """The value of an entry. Its large buffers are mapped, and writable without effect on what is stored.

        Parameters
        ----------
        main_module
            Where names of ``__main__`` are found, if this process's own is another program.
        name
            Of the artifact, for messages.

        Raises
        ------
        CorruptedBlobError
            If what was stored is missing or damaged; it names the object.
        ArtifactError
            If the value can't be made of it, as when a module is missing.
        """
        what = f"artifact {name!r}" if name else f"an artifact of type {entry.type}"
        try:
            return values.load_value(entry, self._blobs, self.serializers, main_module)
        except KeyNotFound as error:
            raise CorruptedBlobError(
                f"{what} can't be loaded: {error.message}; it was removed: put a copy back, or {_AGAIN}"
            ) from error
        except CorruptedBlobError as error:
            # While it is there with its size, whoever stores the same content refers to it.
            mend = f"put a copy back; or remove it, and {_AGAIN}"
            raise CorruptedBlobError(f"{what} can't be loaded: {error.message}: {mend}") from error
        except (FlowkitError, MemoryError):
            raise
        except Exception as error:
            cause = f"{type(error).__name__}: {error}"
            raise ArtifactError(f"{what} (of type {entry.type}) can't be loaded: {cause}") from error

    def fingerprint(self, value: Any) -> Fingerprint:
        """What tells whether an entry's value has the same type and content, without loading it. Writes nothing.

        Raises
        ------
        UnpicklableArtifact, ArtifactError
        """
        from flowkit.artifacts.fingerprint import fingerprint

        return fingerprint(value, self.datastore, self.flow, self.serializers)

    def _is_unchanged(
        self, pending: values.PendingValue, value: Any, previous: ArtifactEntry, main_module: ModuleType | None
    ) -> bool:
        """Whether a value is what loading its previous entry gives.

        A value that was only read need not make the same pickle as the one that was stored (strings that were two may
        be one now, sets have another order): before it counts as changed, it is compared with a fresh load.
        """
        if pending.type != previous.type or pending.serializer != previous.serializer:
            return False
        if pending.hash == previous.hash and dict(pending.info) == dict(previous.info):
            return True
        size = len(previous.inline or b"") if previous.payload is None else previous.payload.size
        if pending.serializer != PICKLE or size > _RELOAD_LIMIT:
            return False
        if pending.content_hashes != values.content_hashes(previous):
            return False
        try:
            fresh = values.load_value(previous, self._blobs, self.serializers, main_module)
            return type(fresh) is type(value) and self._pickle(fresh) == self._pickle(value)
        except Exception:
            return False

    def _pickle(self, value: Any) -> bytes:
        sink = BytesIO()
        pickle_to(value, sink, [], self.serializers.reducers())
        return sink.getvalue()

    # --- items of splits -------------------------------------------------------------------------------------------

    def save_items(self, name: str, values: Iterable[Any]) -> ItemsRef:
        """Store the items of the split over ``self.<name>``, iterating once. Raises as :meth:`save` does."""
        return items.save_items(name, values, self._blobs, self.serializers)

    def load_item(
        self, ref: ItemsRef, index: int, *, main_module: ModuleType | None = None, content: bytes | None = None
    ) -> Any:
        """One item of a split, reading no other. Raises ArtifactError, KeyNotFound, CorruptedBlobError.

        Parameters
        ----------
        content
            Of the items' object, where the caller has it.
        """
        return items.load_item(ref, index, self.datastore, self.flow, self._blobs, main_module, content)

    # --- manifests -------------------------------------------------------------------------------------------------

    def write_manifest(self, manifest: Manifest) -> str:
        """Write the manifest of an attempt, after all that it names; its key."""
        if self.main_file and not manifest.main_file:
            manifest = attrs.evolve(manifest, main_file=self.main_file)
        key = manifest_key(manifest.flow, manifest.run_id, manifest.step, manifest.task_id, manifest.attempt)
        self.datastore.put(key, [manifest_to_json(manifest)], overwrite=True)
        return key

    def read_manifest(self, key: str) -> Manifest:
        """One manifest.

        Raises
        ------
        KeyNotFound
            If the attempt wrote none.
        CorruptedBlobError, NewerFormatError
        """
        return manifest_from_json(self.datastore.get(key), key)

    def read_manifests(self, keys: Sequence[str]) -> Iterator[Manifest]:
        """Several manifests, in the order asked. Raises as :meth:`read_manifest` does."""
        for manifest, key in zip(self.find_manifests(keys), keys, strict=True):
            if manifest is None:
                raise KeyNotFound(key, self.datastore.root)
            yield manifest

    def find_manifests(self, keys: Sequence[str]) -> Iterator[Manifest | None]:
        """The same, with None for those that aren't there."""
        for key, content in self.datastore.get_many(keys):
            yield None if content is None else manifest_from_json(content, key)

    # --- plain content ---------------------------------------------------------------------------------------------

    def put_blob(self, buffer: Buffer) -> BlobRef:
        """Store bytes by their hash, from where they lie."""
        return self._blobs.put([as_bytes_view(buffer)], self._blobs.worst_ratio(mapped=True))

    def get_blob(self, ref: BlobRef) -> memoryview:
        """The bytes, as writable memory of the caller's own. Raises KeyNotFound, CorruptedBlobError."""
        return self._blobs.get(ref)
