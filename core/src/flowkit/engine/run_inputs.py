"""What a run starts from: parameters and constants, stored as the artifacts of a task before the first one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from flowkit.compile.graph_info import graph_info
from flowkit.engine.session import Session
from flowkit.model.artifact import ArtifactEntry, Manifest
from flowkit.model.task import InputRef, RunSpec

__all__ = ["PARAMETERS_STEP", "store_origin_parameters", "store_parameters"]

PARAMETERS_STEP = "_parameters"


def store_parameters(session: Session, run: RunSpec, values: Mapping[str, Any]) -> InputRef:
    """Store the values given and the defaults of the other parameters.

    Raises
    ------
    ParameterError
        If a required parameter has no value, or a default can't be computed.
    """
    compiled = session.compiled
    entries: dict[str, ArtifactEntry] = {}
    for parameter in compiled.parameters:
        attribute = parameter.attribute
        value = values[attribute] if attribute in values else parameter.evaluate_default(_context(session, parameter))
        entries[attribute] = session.store.save(attribute, value)
    return _store(session, run, entries)


def store_origin_parameters(session: Session, run: RunSpec, origin: Manifest) -> InputRef:
    """Take the parameters' values from the run that is resumed; one that is new since then takes its default."""
    entries: dict[str, ArtifactEntry] = {}
    for parameter in session.compiled.parameters:
        attribute = parameter.attribute
        if attribute in origin.artifacts:
            entries[attribute] = origin.artifacts[attribute]
        else:
            entries[attribute] = session.store.save(attribute, parameter.evaluate_default(_context(session, parameter)))
    return _store(session, run, entries)


def _store(session: Session, run: RunSpec, entries: dict[str, ArtifactEntry]) -> InputRef:
    for name, value in session.compiled.constants.items():
        entries[name] = session.store.save(name, value)
    entries["_graph_info"] = session.store.save("_graph_info", graph_info(session.compiled))
    now = time.time()
    manifest = Manifest(
        run.flow,
        run.run_id,
        PARAMETERS_STEP,
        "0",
        0,
        entries,
        main_file=session.compiled.file,
        started_at=now,
        finished_at=now,
    )
    return InputRef(PARAMETERS_STEP, "0", 0, session.store.write_manifest(manifest))


def _context(session: Session, parameter: Any) -> Any:
    from flowkit.authoring.parameters import ParameterContext

    return ParameterContext(
        flow_name=session.compiled.name,
        user_name=session.username,
        parameter_name=parameter.name,
        ds_type=session.datastore_ref.name,
    )
