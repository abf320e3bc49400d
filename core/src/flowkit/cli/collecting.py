"""What ``flowkit gc`` does with its options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, cast

import attrs

from flowkit.cli.collection_report import as_json, render, totals
from flowkit.cli.context import AppContext
from flowkit.cli.stored import recorded_run
from flowkit.collection.collector import FlowCollector
from flowkit.collection.durations import parse_duration
from flowkit.collection.places import Place, open_datastore, places
from flowkit.collection.report import FlowReport
from flowkit.collection.selection import Selection
from flowkit.errors import CommandError, ConfigurationError, FlowkitError
from flowkit.ids import Pathspec
from flowkit.interfaces.datastore import Datastore
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.task import StoreRef

__all__ = ["collect"]

#: Seconds. A shorter grace period is for stores that nobody writes to meanwhile.
_SHORT = 3600.0


def collect(context: AppContext, options: Mapping[str, Any]) -> bool:
    """Collect, or show what would be; False if a datastore failed, which is told.

    Raises
    ------
    FlowkitError
        If the options can't be used, or the metadata can't be read.
    """
    return _Command(context, options).run()


@attrs.frozen
class _Named:
    """The flows and runs that the arguments name."""

    flows: tuple[str, ...]
    runs: Mapping[str, frozenset[str]]

    @classmethod
    def parse(cls, what: tuple[str, ...]) -> _Named:
        runs: dict[str, frozenset[str]] = {}
        flows: list[str] = []
        for text in what:
            path = Pathspec.parse(text)
            if path.kind not in ("flow", "run"):
                raise CommandError(f"{text!r} is a {path.kind}: name a flow, or a run as FLOW/RUN")
            flow = path.components[0]
            flows.append(flow)
            if path.kind == "run":
                runs[flow] = runs.get(flow, frozenset()) | {path.components[1]}
        return cls(tuple(dict.fromkeys(flows)), runs)


class _Command:
    def __init__(self, context: AppContext, options: Mapping[str, Any]) -> None:
        self._context = context
        self._options = options
        self._deletes = bool(options["delete"] or options["yes"])
        self._named = _Named.parse(options["what"])
        settings = context.settings
        self._grace = parse_duration(options["grace"] or settings.gc_grace, "the grace period")
        older = options["older_than"]
        self._older_than = None if older is None else parse_duration(older, "--older-than")

    def run(self) -> bool:
        reports: list[FlowReport] = []
        problems: list[str] = []
        leftovers = 0
        with closing(self._open_metadata()) as metadata:
            self._check_named(metadata)
            for place in self._places(metadata):
                try:
                    with closing(open_datastore(self._context.registry, place.ref)) as datastore:
                        reports.extend(self._collect_place(metadata, datastore, place))
                        if self._deletes:
                            leftovers += datastore.remove_leftovers(max(self._grace, _SHORT))
                except ConfigurationError:
                    raise
                except FlowkitError as error:
                    problems.append(f"{place.ref.name}@{place.ref.root}: {error.message}")
        self._show(reports, leftovers, problems)
        return not problems

    def _check_named(self, metadata: MetadataProvider) -> None:
        if self._options["unrecorded"]:
            return
        for flow, run_ids in self._named.runs.items():
            for run_id in sorted(run_ids):
                recorded_run(metadata, flow, run_id)

    def _collect_place(self, metadata: MetadataProvider, datastore: Datastore, place: Place) -> Iterator[FlowReport]:
        for flow in place.flows:
            selection = self._selection(flow)
            self._check_grace(metadata, flow)
            collector = FlowCollector(
                metadata,
                datastore,
                place.ref,
                flow,
                selection,
                grace=self._grace,
                keep_records=self._options["keep_records"],
            )
            if not self._deletes:
                yield collector.look()
                continue
            for _ in collector.steps():
                pass
            if collector.report is not None:
                yield collector.report

    def _selection(self, flow: str) -> Selection:
        options = self._options
        run_ids = self._named.runs.get(flow, frozenset())
        namespace = options["namespace"]
        if namespace is None and not (options["all_namespaces"] or options["user"] or run_ids):
            settings = self._context.settings
            user = self._context.registry.hook.flowkit_username(settings=settings)
            namespace = settings.namespace if settings.namespace is not None else f"user:{user}"
        return Selection(
            older_than=self._older_than,
            keep_last=options["keep_last"],
            tags=tuple(options["tags"]),
            keep_tags=tuple(options["keep_tags"]),
            username=options["user"],
            namespace=None if options["all_namespaces"] else namespace or None,
            statuses=frozenset(options["statuses"]),
            run_ids=run_ids,
            unrecorded=options["unrecorded"],
        )

    def _check_grace(self, metadata: MetadataProvider, flow: str) -> None:
        from flowkit.client.liveness import is_dead
        from flowkit.model.record import RunFilter

        if self._grace >= _SHORT or not self._deletes:
            return
        running = [run.run_id for run in metadata.all_runs(flow, RunFilter(status="running")) if not is_dead(run)]
        if running:
            raise ConfigurationError(
                f"a grace period of less than an hour is for flows of which no run is running, and {flow}/{running[0]} "
                "is: wait for its end, or give --grace 1h"
            )

    def _open_metadata(self) -> MetadataProvider:
        name, _, location = str(self._options["metadata"] or self._context.settings.metadata).partition("@")
        kind = cast("type[MetadataProvider]", self._context.registry.get("metadata_providers", name))
        return kind.open(location or str(self._context.settings.local_root()), read_only=not self._deletes)

    def _places(self, metadata: MetadataProvider) -> list[Place]:
        settings, options = self._context.settings, self._options
        name = options["datastore"] or settings.datastore
        root = options["datastore_root"] or settings.datastore_root(name)
        configured = None if root is None else StoreRef(name, root)
        only = configured if options["datastore"] or options["datastore_root"] else None
        return places(self._context.registry, metadata, configured, self._named.flows, only)

    def _show(self, reports: list[FlowReport], leftovers: int, problems: list[str]) -> None:
        console = self._context.console
        if self._options["as_json"]:
            console.result(as_json(reports, leftovers, problems, deleted=self._deletes))
        else:
            for report in reports:
                for line in render(report, self._grace, show_kept=self._options["show_kept"], deleted=self._deletes):
                    console.result(line)
            for line in totals(reports, leftovers, deleted=self._deletes):
                console.message(line)
        for problem in problems:
            console.error(problem)
