"""Several processes that resume into one run: the first does it, the others wait."""

from __future__ import annotations

import time

import attrs

from flowkit.engine.heartbeat import HEARTBEAT_SECONDS
from flowkit.engine.launch_options import LaunchOptions, RunResult
from flowkit.engine.resume import check_not_collected
from flowkit.errors import ResumeError
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.record import RunRecord

__all__ = ["join_run", "origin_of", "wait_for_end"]

_POLL_SECONDS = 0.25
#: Without a sign of life for this long, the process that runs it is gone.
_DEAD_SECONDS = 6 * HEARTBEAT_SECONDS


def origin_of(metadata: MetadataProvider, flow: str, options: LaunchOptions) -> str | None:
    """The id of the run to resume, where it is known: as given, or as the process said that is there already."""
    if options.origin_run_id is None and options.reentrant and options.run_id is not None:
        run = metadata.run(flow, options.run_id)
        return None if run is None else run.origin_run_id
    return options.origin_run_id


def join_run(metadata: MetadataProvider, wanted: RunRecord, options: LaunchOptions) -> tuple[RunRecord, bool]:
    """The run that has the id already, and whether this process is to go on with it.

    Raises
    ------
    ResumeError
        If no other process may work on it.
    """
    title = f"{wanted.flow}/{wanted.run_id}"
    run = metadata.run(wanted.flow, wanted.run_id)
    if run is None or not options.reentrant:
        raise ResumeError(f"there is a run {title} already: give another --run-id, or --reentrant to wait for that one")
    if options.origin_run_id is not None and run.origin_run_id != options.origin_run_id:
        raise ResumeError(f"{title} resumes the run {run.origin_run_id}, not {options.origin_run_id}")
    check_not_collected(metadata, run)
    identifier = options.resume_identifier
    if identifier is None or run.info.get("resume_identifier") != identifier:
        return run, False
    run = attrs.evolve(run, status="running", finished_at=None, heartbeat_at=time.time())
    metadata.write([run])
    return run, True


def wait_for_end(metadata: MetadataProvider, run: RunRecord) -> RunResult:
    """Wait until another process has ended the run.

    Raises
    ------
    ResumeError
        If that process is gone.
    """
    # By this machine's own clock: the other's may be another.
    sign, since = run.heartbeat_at, time.monotonic()
    while run.status == "running":
        if run.heartbeat_at != sign:
            sign, since = run.heartbeat_at, time.monotonic()
        elif time.monotonic() - since > _DEAD_SECONDS:
            raise ResumeError(
                f"the process that resumes into {run.flow}/{run.run_id} gives no sign of life any more: resume into "
                "another run"
            )
        time.sleep(_POLL_SECONDS)
        run = metadata.run(run.flow, run.run_id) or run
    return RunResult(
        run, run.status == "succeeded", failure=str(run.info.get("failure", "")), held=run.info.get("held")
    )
