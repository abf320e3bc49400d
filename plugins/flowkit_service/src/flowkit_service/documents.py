"""Records as JSON documents, and back: what the provider and the server say to each other, and what the server keeps.

Fields that a document lacks get their defaults, and those that this version doesn't know are left out, so that a
provider and a server of different versions understand each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from flowkit.plugin import (
    AttemptRecord,
    MetadataError,
    Metadatum,
    Page,
    RunRecord,
    StepRecord,
    TaskRecord,
)

__all__ = ["KINDS", "document_of", "filter_of", "kind_of", "page_of", "read_document"]

T = TypeVar("T")

#: The kinds of records, by the names that they have in documents.
KINDS: Mapping[str, type[Any]] = {
    "run": RunRecord,
    "step": StepRecord,
    "task": TaskRecord,
    "attempt": AttemptRecord,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
_METADATUM = tuple(field.name for field in attrs.fields(Metadatum))
_FIELDS: dict[type[Any], frozenset[str]] = {}
_TUPLES = frozenset({"tags", "system_tags", "frames", "parents", "task_ids"})


def kind_of(record: object) -> str:
    """``run``, ``step``, ``task`` or ``attempt``."""
    return _NAMES[type(record)]


def document_of(value: Any) -> dict[str, Any]:
    """A record, filter or page as values that JSON has."""
    document = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
    metadata = document.get("metadata")
    if isinstance(metadata, tuple):
        document["metadata"] = [[getattr(entry, name) for name in _METADATUM] for entry in metadata]
    elif metadata is not None:
        document["metadata"] = dict(metadata)
    if "info" in document:
        document["info"] = dict(document["info"])
    return document


def read_document(kind: type[T], document: Any) -> T:
    """A record or filter from what JSON made of it.

    Raises
    ------
    MetadataError
        If it isn't one of this kind.
    """
    if not isinstance(document, dict):
        raise MetadataError(f"a {kind.__name__} must be an object, and is {type(document).__name__}")
    known = _fields(kind)
    values = {name: value for name, value in document.items() if name in known}
    for name in _TUPLES & values.keys():
        if values[name]:
            values[name] = tuple([tuple(one) if isinstance(one, list) else one for one in values[name]])
        elif values[name] is not None:
            values[name] = ()
    if isinstance(values.get("metadata"), list):
        values["metadata"] = tuple([_metadatum(entry) for entry in values["metadata"]])
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise MetadataError(f"this is no {kind.__name__}: {error}") from None


def page_of(document: Any) -> Page:
    """A page from what JSON made of it; the first one if there is nothing."""
    return Page() if document is None else read_document(Page, document)


def filter_of(kind: type[T], document: Any) -> T:
    """A filter from what JSON made of it; one that lets all through if there is nothing."""
    return kind() if document is None else read_document(kind, document)


def _fields(kind: type[Any]) -> frozenset[str]:
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = frozenset(attrs.fields_dict(kind))
    return known


def _metadatum(entry: list[Any]) -> Metadatum:
    if len(entry) < len(_METADATUM):
        return Metadatum(*entry)
    field, value, kind, created_at, attempt, tags = entry[: len(_METADATUM)]
    return Metadatum(field, value, kind, created_at, attempt, tuple(tags))
