"""What there is of a flow, what names what, and so: what can go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from flowkit.artifacts.layout import code_key
from flowkit.client.liveness import status_of
from flowkit.collection.objects import FlowObjects, is_code, is_manifest, task_folder
from flowkit.collection.references import references
from flowkit.collection.report import FlowReport, RunReport
from flowkit.collection.selection import Judgement
from flowkit.interfaces.datastore import Datastore, ObjectInfo
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.record import RunRecord

__all__ = ["Survey", "foreign_manifests", "survey"]


@attrs.frozen
class Survey:
    """A flow in a datastore at one time."""

    judged: Sequence[Judgement]
    objects: FlowObjects
    #: Run ids whose objects go: recorded or not.
    chosen: frozenset[str]
    #: Keys of content that is named by what is kept.
    kept: set[str]
    #: Keys of content by the run ids whose manifests, or records, name it.
    named_by_run: Mapping[str, set[str]]
    #: Objects of runs that go.
    run_garbage: Sequence[ObjectInfo]
    #: Manifests that were read, or belong to what goes.
    seen: set[str]
    #: Run ids whose manifests others stand on that are kept.
    stood_on: frozenset[str]

    def content_garbage(self) -> list[ObjectInfo]:
        """Content that nothing names that is kept, of any age."""
        return [info for key, info in self.objects.content.items() if key not in self.kept]


def foreign_manifests(metadata: MetadataProvider, runs: Iterable[RunRecord]) -> dict[str, set[str]]:
    """Manifests of earlier runs that tasks of these stand on, since they were resumed; and the ids of these."""
    found: dict[str, set[str]] = {}
    for run in runs:
        if run.origin_run_id is not None:
            for task in metadata.all_tasks(run.flow, run.run_id):
                if task.origin_pathspec is not None and task.manifest is not None:
                    found.setdefault(task.manifest, set()).add(run.run_id)
    return found


def survey(
    datastore: Datastore,
    metadata: MetadataProvider,
    judged: Sequence[Judgement],
    flow: str,
    unrecorded_before: float | None,
    is_here: Iterable[str],
) -> Survey:
    """Look at all that a flow has.

    Parameters
    ----------
    judged
        About every run of the flow in the metadata.
    unrecorded_before
        Runs that the metadata doesn't have go too if none of their objects is younger; None to keep them.
    is_here
        Ids of the recorded runs whose artifacts are in this datastore.

    Raises
    ------
    CorruptedBlobError, NewerFormatError
        If a manifest that is kept can't be read.
    """
    kept_runs = [judgement.run for judgement in judged if not judgement.collect]
    leaving = [judgement.run for judgement in judged if judgement.collect]
    foreign = foreign_manifests(metadata, kept_runs)
    retained = set(map(task_folder, foreign))
    # Left over by runs that were collected when the leaving ones still stood on them.
    released = set(map(task_folder, foreign_manifests(metadata, leaving))) - retained
    objects = FlowObjects.of(datastore, flow)
    here = frozenset(is_here)
    recorded = {judgement.run.run_id for judgement in judged}
    chosen = {run.run_id for run in leaving} & here
    if unrecorded_before is not None:
        chosen |= {
            run_id
            for run_id, infos in objects.runs.items()
            if run_id not in recorded
            and all(info.modified_at < unrecorded_before for info in infos)
            # It may have been recorded since the metadata was read.
            and metadata.run(flow, run_id) is None
        }
    garbage: list[ObjectInfo] = []
    read: dict[str, str] = {}
    for run_id, infos in objects.runs.items():
        for info in infos:
            folder = task_folder(info.key)
            goes = run_id in chosen or (folder in released and run_id not in recorded)
            if goes and folder not in retained:
                garbage.append(info)
            elif is_manifest(info.key):
                read[info.key] = run_id
    kept, named = _named(
        datastore, objects, judged, {key: {run_id, *foreign.get(key, ())} for key, run_id in read.items()}, garbage
    )
    seen = {info.key for info in garbage} | read.keys()
    stood_on = frozenset(key.split("/")[2] for key in foreign)
    return Survey(judged, objects, frozenset(chosen), kept, named, garbage, seen, stood_on)


def _named(
    datastore: Datastore,
    objects: FlowObjects,
    judged: Iterable[Judgement],
    read: Mapping[str, Iterable[str]],
    garbage: Iterable[ObjectInfo],
) -> tuple[set[str], dict[str, set[str]]]:
    """What is named by what is kept, and what each run names. ``read``: manifests that stay, and whose they are."""
    named: dict[str, set[str]] = {}
    # One string for each key, not one for each mention.
    known = {key: key for key in objects.content}
    kept: set[str] = set()

    def add(run_id: str, keys: Iterable[str]) -> None:
        named.setdefault(run_id, set()).update(known.get(key, key) for key in keys)

    for key, keys in references(datastore, read, strict=True):
        kept.update(known.get(one, one) for one in keys)
        for run_id in read[key]:
            add(run_id, keys)
    for key, keys in references(datastore, (info.key for info in garbage if is_manifest(info.key)), strict=False):
        add(key.split("/")[2], keys)
    for one in judged:
        if one.run.code:
            keys = {code_key(one.run.flow, one.run.code)}
            add(one.run.run_id, keys)
            if not one.collect:
                kept |= keys
    # Code that no run names isn't garbage by that: a deployment, or a task far away, was given its hash.
    by_runs = set().union(*named.values())
    kept |= {key for key in objects.content if is_code(key) and (key in objects.pinned or key not in by_runs)}
    return kept, named


def report_of(found: Survey, flow: str, datastore: str, cutoff: float, aside_bytes: int) -> FlowReport:
    """Sizes, as people and programs read them."""
    mentions: dict[str, int] = {}
    for keys in found.named_by_run.values():
        for key in keys:
            mentions[key] = mentions.get(key, 0) + 1
    recorded = {judgement.run.run_id: judgement for judgement in found.judged}
    # What earlier collections left because of resumed runs, and this one takes, is nobody's run any more.
    staying = set(found.objects.runs) - {info.key.split("/")[2] for info in found.run_garbage} | found.chosen
    unknown = sorted(staying & set(found.objects.runs) - set(recorded))
    runs = [_run_report(found, run_id, recorded.get(run_id), mentions) for run_id in [*recorded, *unknown]]
    garbage = found.content_garbage()
    orphans = [info for info in garbage if info.key not in mentions]
    return FlowReport(
        flow,
        datastore,
        runs,
        orphan_bytes=sum(info.size for info in orphans),
        orphan_count=len(orphans),
        run_bytes=sum(info.size for info in found.run_garbage),
        content_bytes=sum(info.size for info in garbage) - sum(info.size for info in orphans),
        young_bytes=sum(info.size for info in garbage if info.modified_at >= cutoff),
        aside_bytes=aside_bytes,
    )


def _run_report(found: Survey, run_id: str, judgement: Judgement | None, mentions: Mapping[str, int]) -> RunReport:
    content, infos = found.objects.content, found.objects.runs.get(run_id, ())
    sizes = [(content[key].size, mentions[key]) for key in found.named_by_run.get(run_id, ()) if key in content]
    alone, all_sizes = sum(size for size, count in sizes if count == 1), sum(size for size, _ in sizes)
    own = sum(info.size for info in infos)
    if judgement is not None:
        run, reason = judgement.run, judgement.reason
        status = status_of(run)
        return RunReport(
            run_id, run.username, run.created_at, status, judgement.collect, reason, own, alone, all_sizes - alone
        )
    goes = run_id in found.chosen
    stays = "needed by runs that were resumed from it" if run_id in found.stood_on else "unrecorded"
    first = min((info.modified_at for info in infos), default=0.0)
    reason = "chosen" if goes else stays
    return RunReport(run_id, "", first, "unrecorded", goes, reason, own, alone, all_sizes - alone)
