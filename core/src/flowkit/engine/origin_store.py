"""The store of the run that is resumed."""

from __future__ import annotations

from collections.abc import Sequence

from flowkit.engine.launch_options import LaunchOptions
from flowkit.engine.observer import RunObserver
from flowkit.engine.reentrant import origin_of
from flowkit.engine.resume import find_origin_run
from flowkit.engine.session import Session
from flowkit.model.record import RunRecord

__all__ = ["go_to_origin_store"]


def go_to_origin_store(session: Session, options: LaunchOptions, observers: Sequence[RunObserver]) -> RunRecord:
    """Have the session use the store that the run to resume is in, and say so if it is another. Returns the run.

    It comes before the parent of tasks is forked, which is to open that store: no connection is left.

    Raises
    ------
    ResumeError
        If there is no such run.
    """
    flow = session.compiled.name
    run_id = origin_of(session.metadata, flow, options)
    run = find_origin_run(session.metadata, flow, run_id, session.namespace)
    if session.go_to_store_of(run):
        for observer in observers:
            observer.message(f"Stored with {flow}/{run.run_id}, in {run.datastore} at {run.datastore_root}")
    session.close_metadata()
    return run
