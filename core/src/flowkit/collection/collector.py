"""Collects the garbage of one flow in one datastore, in steps that may end anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from flowkit.collection.objects import is_manifest, list_pinned, list_runs
from flowkit.collection.references import references
from flowkit.collection.report import ELSEWHERE, FlowReport
from flowkit.collection.selection import Judgement, Selection, is_running, origins_of_running
from flowkit.collection.survey import Survey, report_of, survey
from flowkit.errors import ConfigurationError
from flowkit.interfaces.datastore import Datastore, ObjectAside, ObjectInfo
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.collected import collected_at, keeps_record, mark_collected
from flowkit.model.record import RunRecord
from flowkit.model.task import StoreRef

__all__ = ["FlowCollector"]

T = TypeVar("T")
#: Objects that are removed by one call.
_BATCH = 1000


class FlowCollector:
    """One collection. :meth:`look` only reads; :meth:`steps` does it.

    Parameters
    ----------
    metadata
        Where the runs are recorded; of :meth:`steps`, one that writes.
    datastore, ref
        The store, and how records name it.
    grace
        Seconds that content is spared after it was written or renewed, whoever names it.
    keep_records
        Whether the records of collected runs stay, marked.

    Raises
    ------
    ConfigurationError
        If the grace period is too short for the store.
    """

    def __init__(
        self,
        metadata: MetadataProvider,
        datastore: Datastore,
        ref: StoreRef,
        flow: str,
        selection: Selection,
        *,
        grace: float,
        keep_records: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        least = 2 * datastore.renew_interval
        if grace < least:
            raise ConfigurationError(
                f"the grace period of {datastore.root} must be {least / 3600:g} hours or more: its objects are renewed "
                f"at most every {datastore.renew_interval / 3600:g} hours; set FLOWKIT_GC_GRACE or give --grace"
            )
        self._metadata = metadata
        self._datastore = datastore
        self._ref = ref
        self._flow = flow
        self._selection = selection
        self._grace = grace
        self._keep_records = keep_records or not metadata.can_delete_runs
        self._clock = clock
        self.report: FlowReport | None = None

    def look(self) -> FlowReport:
        """What would be collected. Raises CorruptedBlobError, NewerFormatError, DatastoreError, MetadataError."""
        now = self._clock()
        found = self._survey(self._judge(now), now)
        return self._report(found, now)

    def steps(self) -> Iterator[str]:
        """Collect. After each step the name of the next is given; the process may end at any, or between.

        What was done is in ``report`` after the second step. Raises as :meth:`look` does.
        """
        now = self._clock()
        judged = self._judge(now)
        yield "mark"
        judged = self._mark(judged, now)
        yield "survey"
        found = self._survey(judged, now)
        report = self.report = self._report(found, now)
        yield "remove"
        for batch in _batches(found.run_garbage):
            self._datastore.delete(info.key for info in batch)
            self._count_removed(report, batch)
            yield "remove"
        cutoff = now - self._grace
        garbage = (info for info in found.content_garbage() if info.modified_at < cutoff)
        for info in self._datastore.set_aside(garbage):
            report.done.waiting_bytes += info.size
            yield "set aside"
        yield from self._settle(found, report, cutoff)
        for judgement in found.judged:
            if judgement.collect and judgement.run.run_id in found.chosen:
                self._forget(judgement.run)
                report.done.runs_removed += judgement.reason == "chosen"
                yield "forget"

    # --- parts -----------------------------------------------------------------------------------------------------

    def _runs(self) -> list[RunRecord]:
        return list(self._metadata.all_runs(self._flow))

    def _is_here(self, run: RunRecord) -> bool:
        return (run.datastore, run.datastore_root) == (self._ref.name, self._ref.root)

    def _judge(self, now: float) -> list[Judgement]:
        """Decide about all runs; those that a running one was resumed from are kept."""
        runs = self._runs()
        here = [run for run in runs if self._is_here(run)]
        others = [Judgement(run, False, ELSEWHERE) for run in runs if not self._is_here(run)]
        judged = self._spare_origins(runs, self._selection.judge(here, now, self._grace), now)
        return [*judged, *others]

    def _spare_origins(self, runs: list[RunRecord], judged: list[Judgement], now: float) -> list[Judgement]:
        needed = origins_of_running(runs, now, self._grace)
        return [
            Judgement(one.run, False, f"resumed by {needed[one.run.run_id]}, which runs")
            if one.collect and one.run.run_id in needed
            else one
            for one in judged
        ]

    def _mark(self, judged: list[Judgement], now: float) -> list[Judgement]:
        """Mark the chosen runs, then look who is resuming one, or goes on with it.

        The other side records its run, then looks for a mark: at least one of the two sees the other. A mark is never
        taken away, since another collector may be at work already because of it; a run that is spared keeps its mark,
        and goes when who resumed it has ended.
        """
        chosen = [one.run for one in judged if one.collect and collected_at(one.run) is None]
        self._metadata.write([mark_collected(run, now, keep_record=self._keep_records) for run in chosen])
        runs = self._runs()
        latest = {run.run_id: run for run in runs}
        again: list[Judgement] = []
        for one in self._spare_origins(runs, judged, now):
            run = latest.pop(one.run.run_id, None)
            if run is None:
                continue  # another collector has finished it
            goes_on = one.collect and is_running(run, now, self._grace)
            again.append(Judgement(run, False, "running") if goes_on else Judgement(run, one.collect, one.reason))
        return [*again, *(Judgement(run, False, "new") for run in latest.values())]

    def _survey(self, judged: list[Judgement], now: float) -> Survey:
        unrecorded_before = None
        if self._selection.unrecorded:
            unrecorded_before = now - max(self._grace, self._selection.older_than or 0.0)
        here = [one.run.run_id for one in judged if self._is_here(one.run)]
        return survey(self._datastore, self._metadata, judged, self._flow, unrecorded_before, here)

    def _report(self, found: Survey, now: float) -> FlowReport:
        aside = sum(info.size for info in self._datastore.list_aside(self._flow))
        return report_of(found, self._flow, f"{self._ref.name}@{self._ref.root}", now - self._grace, aside)

    def _settle(self, found: Survey, report: FlowReport, cutoff: float) -> Iterator[str]:
        """Bring back what came to be named meanwhile, and drop what has waited long enough: from any collection."""
        aside = list(self._datastore.list_aside(self._flow))
        yield "look again"
        named = found.kept | self._newly_named(found)
        dropped: list[ObjectAside] = []
        for info in aside:
            if info.key in named and self._datastore.info(info.key) is None:
                self._datastore.restore(info.key)
                report.done.objects_restored += 1
                yield "restore"
            elif info.modified_at < cutoff:
                dropped.append(info)
        for batch in _batches(dropped):
            self._datastore.drop_aside(batch)
            self._count_removed(report, batch)
            yield "drop"
        report.done.waiting_bytes = sum(info.size for info in self._datastore.list_aside(self._flow))

    def _newly_named(self, found: Survey) -> set[str]:
        """What manifests and records name that came while content was set aside."""
        from flowkit.artifacts.layout import code_key

        listed = list_runs(self._datastore, self._flow)
        new = [info.key for infos in listed.values() for info in infos if is_manifest(info.key)]
        named = set(list_pinned(self._datastore, self._flow))
        for _, keys in references(self._datastore, (key for key in new if key not in found.seen), strict=True):
            named |= keys
        leaving = {one.run.run_id for one in found.judged if one.collect}
        named.update(
            code_key(run.flow, archive) for run in self._runs() if run.run_id not in leaving for archive in run.archives
        )
        return named

    def _forget(self, run: RunRecord) -> None:
        if not keeps_record(run):
            self._metadata.delete_run(run.flow, run.run_id)

    @staticmethod
    def _count_removed(report: FlowReport, batch: Sequence[ObjectInfo]) -> None:
        report.done.objects_removed += len(batch)
        report.done.freed_bytes += sum(info.size for info in batch)


def _batches(objects: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(objects)
    while batch := list(islice(waiting, _BATCH)):
        yield batch
