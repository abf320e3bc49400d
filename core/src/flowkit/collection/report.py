"""What a collection found, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["ELSEWHERE", "Done", "FlowReport", "RunReport"]

#: Why a run isn't collected that keeps nothing here.
ELSEWHERE = "in another datastore"


@attrs.frozen
class RunReport:
    """One run, and what it keeps alive in the datastore. Sizes are bytes as stored."""

    run_id: str
    username: str
    created_at: float
    #: As shown to users; ``unrecorded`` for a run that the metadata doesn't have.
    status: str
    collect: bool
    reason: str
    #: Its manifests, logs, cards, and all else below its prefix.
    own_bytes: int
    #: Content that no other run names.
    alone_bytes: int
    #: Content that other runs name too.
    shared_bytes: int


@attrs.define
class Done:
    """What a collection did, so far; all zero for a dry run."""

    runs_removed: int = 0
    objects_removed: int = 0
    #: Bytes that the datastore has got back.
    freed_bytes: int = 0
    #: Content that was set aside and waits for its grace period to pass.
    waiting_bytes: int = 0
    objects_restored: int = 0


@attrs.define
class FlowReport:
    """One flow in one datastore."""

    flow: str
    #: ``name@root``.
    datastore: str
    runs: list[RunReport]
    #: Content that no run names: from attempts that were killed, and of runs that were collected before.
    orphan_bytes: int
    orphan_count: int
    #: Of the chosen runs: all that is below their prefixes and isn't kept by clones.
    run_bytes: int
    #: Content that only chosen runs name.
    content_bytes: int
    #: Of orphans and content, what is younger than the grace period: a later collection takes it.
    young_bytes: int
    #: What was set aside by earlier collections.
    aside_bytes: int
    done: Done = attrs.field(factory=Done)

    @property
    def freeable_bytes(self) -> int:
        """What a collection would take away now."""
        return self.run_bytes + self.content_bytes + self.orphan_bytes - self.young_bytes

    def as_json(self) -> Mapping[str, Any]:
        """Plain values."""
        return {**attrs.asdict(self), "freeable_bytes": self.freeable_bytes}
