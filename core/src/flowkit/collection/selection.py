"""Which runs are to be collected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from flowkit.client.liveness import SILENCE_SECONDS, last_sign
from flowkit.model.collected import collected_at
from flowkit.model.record import RunRecord

__all__ = ["STATUSES", "Judgement", "Selection", "is_running", "origins_of_running"]

#: ``dead``: recorded as running, but its launching process has been silent for longer than the grace period.
STATUSES = ("succeeded", "failed", "dead")
_RUNNING = "running"


@attrs.frozen
class Judgement:
    """One run, and why it is kept or collected."""

    run: RunRecord
    collect: bool
    reason: str


@attrs.frozen
class Selection:
    """Conditions that all hold together. Without ``older_than``, ``keep_last``, ``tags``, ``statuses`` and ``run_ids``
    no run is chosen.
    """

    #: Seconds since the run ended.
    older_than: float | None = None
    #: The newest so many runs of each flow, of those that the other conditions are about, are kept.
    keep_last: int | None = None
    #: Only runs that have all of these.
    tags: tuple[str, ...] = ()
    #: Runs that have one of these are kept.
    keep_tags: tuple[str, ...] = ()
    #: Only runs of this user, of this namespace; None for all.
    username: str | None = None
    namespace: str | None = None
    statuses: frozenset[str] = frozenset()
    #: Only these runs.
    run_ids: frozenset[str] = frozenset()
    #: Also what other metadata, or none, may know of: runs that this metadata doesn't have.
    unrecorded: bool = False

    @property
    def chooses(self) -> bool:
        """Whether any run can be chosen."""
        return bool(
            self.older_than is not None or self.keep_last is not None or self.tags or self.statuses or self.run_ids
        )

    def judge(self, runs: Iterable[RunRecord], now: float, grace: float) -> list[Judgement]:
        """Decide about all runs of a flow, given newest first."""
        found: list[Judgement] = []
        considered = 0
        for run in runs:
            reason = self._excluded(run, now, grace)
            if reason is None:
                considered += 1
                if self.keep_last is not None and considered <= self.keep_last:
                    reason = f"among the last {self.keep_last}"
                else:
                    reason = self._spared(run, now)
            # A run that was marked may have been joined, and go on, if its records were kept.
            if collected_at(run) is not None and reason != _RUNNING:
                found.append(Judgement(run, True, "begun before"))
            else:
                found.append(Judgement(run, reason is None, reason or "chosen"))
        return found

    def _excluded(self, run: RunRecord, now: float, grace: float) -> str | None:
        """Why the conditions aren't about this run."""
        if is_running(run, now, grace):
            return _RUNNING
        if not self.chooses or (self.run_ids and run.run_id not in self.run_ids):
            return "not asked for"
        if self.username is not None and run.username != self.username:
            return f"of user {run.username}"
        tags = {*run.tags, *run.system_tags}
        if self.namespace is not None and self.namespace not in tags:
            return f"not in {self.namespace}"
        return None if tags.issuperset(self.tags) else "without the tags"

    def _spared(self, run: RunRecord, now: float) -> str | None:
        """Why a run that the conditions are about is kept."""
        if kept := [tag for tag in self.keep_tags if tag in run.tags or tag in run.system_tags]:
            return f"tagged {kept[0]}"
        status = "dead" if run.status == "running" else run.status
        if self.statuses and status not in self.statuses:
            return status
        ended = run.finished_at if run.finished_at is not None else last_sign(run)
        return "too young" if self.older_than is not None and now - ended < self.older_than else None


def is_running(run: RunRecord, now: float, grace: float) -> bool:
    """Whether a run may still be running: its launching process gave a sign within the grace period."""
    return run.status == "running" and now - last_sign(run) <= max(grace, SILENCE_SECONDS)


def origins_of_running(runs: Sequence[RunRecord], now: float, grace: float) -> Mapping[str, str]:
    """Ids of the runs that a running one was resumed from, directly or not; with the id of the running one."""
    by_id = {run.run_id: run for run in runs}
    found: dict[str, str] = {}
    for run in runs:
        if not is_running(run, now, grace):
            continue
        origin = run.origin_run_id
        while origin is not None and origin not in found:
            found[origin] = run.run_id
            before = by_id.get(origin)
            origin = before.origin_run_id if before is not None else None
    return found
