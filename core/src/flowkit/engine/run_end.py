"""Records how a run ended."""

from __future__ import annotations

import attrs

from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.collected import keep_mark, when_collected
from flowkit.model.record import RunRecord

__all__ = ["write_end"]


def write_end(metadata: MetadataProvider, run: RunRecord) -> tuple[RunRecord, str]:
    """Write the record of a run that has ended. Returns it as it is now, and what its user must be told, if anything.

    A process that slept gave no sign of life: garbage collection may have taken the run for a dead one. What it
    did stays, and the run has failed.
    """
    title = f"{run.flow}/{run.run_id}"
    latest = metadata.run(run.flow, run.run_id)
    if latest is None:
        told = f"the record of {title} was removed while it ran: nothing of it can be read"
        return attrs.evolve(run, status="failed"), told
    kept = keep_mark(latest, run)
    told = ""
    if (when := when_collected(kept)) is not None:
        told = f"flowkit gc took {title} for dead, and collected its artifacts on {when}"
        kept = attrs.evolve(kept, status="failed", info={"failure": told, **kept.info})
    metadata.write([kept])
    return kept, told
