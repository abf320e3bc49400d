"""Proves that the configuration works: what ``flowkit status --check`` does."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import cast

import attrs

from flowkit.artifacts.remote.reachability import unreachable_reason
from flowkit.cli.context import AppContext
from flowkit.errors import ConfigurationError, CorruptedBlobError, FlowkitError
from flowkit.interfaces.datastore import Datastore
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.settings import PREFIX

__all__ = ["Verdict", "check_configuration"]

#: Objects of checks are below it; no flow has this name.
_PREFIX = ".flowkit-check"


@attrs.frozen
class Verdict:
    """One thing that was tried."""

    what: str
    #: None if it wasn't tried, since something before it failed.
    ok: bool | None
    seconds: float = 0.0
    #: What it is about; of a failure, what is wrong and the mend.
    message: str = ""


def check_configuration(context: AppContext) -> Iterator[Verdict]:
    """Try the configured datastore and metadata, each verdict when it is known. Leaves nothing behind."""
    yield from _check_datastore(context)
    yield from _check_metadata(context)


def _check_datastore(context: AppContext) -> Iterator[Verdict]:
    name = context.settings.datastore
    opened: list[Datastore] = []

    def open_store() -> str:
        root = context.settings.datastore_root(name)
        if root is None:
            variable = f"{PREFIX}DATASTORE_SYSROOT_{name.upper().replace('-', '_')}"
            raise ConfigurationError(f"the datastore {name!r} needs a root: set {variable}")
        opened.append(cast("type[Datastore]", context.registry.get("datastores", name)).open(root))
        return f"{name} at {opened[0].root}"

    verdict = _tried("datastore: open", open_store)
    yield verdict
    steps = ("write", "read", "list", "delete")
    if not opened:
        yield from (Verdict(f"datastore: {step}", None) for step in steps)
        return
    with closing(opened[0]) as store:
        yield from _check_objects(store)


def _check_objects(store: Datastore) -> Iterator[Verdict]:
    key, content = f"{_PREFIX}/{uuid.uuid4().hex}", uuid.uuid4().bytes
    is_reachable = True

    def read() -> None:
        if store.get(key) != content:
            raise CorruptedBlobError(f"{key} doesn't have the content that was just written: the store can't be used")

    def find() -> None:
        if key not in {info.key for info in store.list(_PREFIX)}:
            raise CorruptedBlobError(f"{key} was just written, and a listing doesn't show it: the store can't be used")

    def delete() -> None:
        store.delete([key])
        if store.info(key) is not None:
            raise CorruptedBlobError(f"{key} was deleted, and is still there: the store can't be used")

    def write() -> None:
        nonlocal is_reachable
        try:
            store.put(key, [content])
        except Exception as error:
            is_reachable = not unreachable_reason(error)
            raise

    def only_list() -> None:
        next(iter(store.list(_PREFIX)), None)

    written = _tried("datastore: write", write)
    yield written
    if not is_reachable:
        yield from (Verdict(f"datastore: {step}", None) for step in ("read", "list", "delete"))
        return
    # Who may only read still learns whether that works.
    for what, action in (("read", read), ("list", find), ("delete", delete)):
        if not written.ok and what != "list":
            yield Verdict(f"datastore: {what}", None)
        elif not written.ok:
            yield _tried("datastore: list", only_list)
        else:
            yield _tried(f"datastore: {what}", action)
    with suppress(FlowkitError):
        if not written.ok:
            store.delete([key])


def _check_metadata(context: AppContext) -> Iterator[Verdict]:
    def open_and_list() -> str:
        name, _, location = context.settings.metadata.partition("@")
        kind = cast("type[MetadataProvider]", context.registry.get("metadata_providers", name))
        opened = kind.open(location or str(context.settings.local_root()), read_only=True)
        with closing(opened) as provider:
            flows = len(provider.flows())
            return f"{name} at {provider.location}, {flows} flow{'' if flows == 1 else 's'}"

    yield _tried("metadata: open and list", open_and_list)


def _tried(what: str, action: Callable[[], str | None]) -> Verdict:
    begun = time.perf_counter()
    try:
        message, ok = action() or "", True
    except FlowkitError as error:
        message, ok = error.message, False
    except Exception as error:  # an SDK's own, that its plugin doesn't translate
        message, ok = f"{type(error).__name__}: {error}", False
    return Verdict(what, ok, time.perf_counter() - begun, message)
