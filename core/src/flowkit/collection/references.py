"""Which content is named by which manifests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from flowkit.artifacts.codec import manifest_from_json
from flowkit.artifacts.layout import code_key
from flowkit.artifacts.references import blob_keys_of
from flowkit.errors import CorruptedBlobError, FlowkitError
from flowkit.interfaces.datastore import Datastore

__all__ = ["references"]

#: Manifests that are in memory at once.
_BATCH = 500


def references(datastore: Datastore, keys: Iterable[str], *, strict: bool) -> Iterator[tuple[str, set[str]]]:
    """For each manifest, its key and the keys of the content that it names. Manifests that are gone are passed over.

    Parameters
    ----------
    strict
        Whether a manifest that can't be read is an error: what it names isn't known, so that nothing may be removed.
        Else it is passed over.

    Raises
    ------
    CorruptedBlobError, NewerFormatError
    """
    waiting = iter(keys)
    while batch := list(islice(waiting, _BATCH)):
        for key, content in datastore.get_many(batch):
            if content is None:
                continue
            try:
                yield key, _named_by(datastore, key, content)
            except FlowkitError as error:
                if strict:
                    raise _unknown(error, key) from error


def _named_by(datastore: Datastore, key: str, content: bytes) -> set[str]:
    manifest = manifest_from_json(content, key)
    found = blob_keys_of(manifest, datastore)
    return found | {code_key(manifest.flow, manifest.code)} if manifest.code else found


def _unknown(error: FlowkitError, key: str) -> FlowkitError:
    flow, run = key.split("/")[0], key.split("/")[2]
    mend = f"what it names isn't known, so nothing of {flow} is removed; collect its run by name, {flow}/{run}"
    if isinstance(error, CorruptedBlobError):
        return CorruptedBlobError(f"{error.message}; {mend}")
    return error
