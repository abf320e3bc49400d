"""What a run starts from: parameters and constants, stored as the artifacts of a task before the first one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowkit.compile.graph_info import graph_info
from flowkit.engine.session import PARAMETERS_STEP, Session
from flowkit.model.artifact import ArtifactEntry, Manifest
from flowkit.model.task import InputRef, RunSpec

if TYPE_CHECKING:
    from flowkit.authoring.parameters import Parameter

__all__ = ["origin_entries", "parameter_entries", "store_inputs"]


def parameter_entries(session: Session, values: Mapping[str, Any]) -> dict[str, ArtifactEntry]:
    """Store the values given, and the defaults of the other parameters, before there is a run.

    Raises
    ------
    ParameterError
        If a required parameter has no value, a default can't be computed, or a file can't be read.
    """
    entries = {one.attribute: session.store.save(one.attribute, one.value) for one in session.compiled.configs}
    for parameter in session.compiled.parameters:
        attribute = parameter.attribute
        given = attribute in values
        entries[attribute] = _save(session, parameter, values[attribute]) if given else _default(session, parameter)
    return entries


def origin_entries(session: Session, origin: Manifest) -> dict[str, ArtifactEntry]:
    """Take the parameters' values from the run that is resumed; one that is new since then takes its default."""
    configs = {
        one.attribute: origin.artifacts.get(one.attribute) or session.store.save(one.attribute, one.value)
        for one in session.compiled.configs
    }
    parameters = {
        parameter.attribute: origin.artifacts.get(parameter.attribute) or _default(session, parameter)
        for parameter in session.compiled.parameters
    }
    return {**configs, **parameters}


def _default(session: Session, parameter: Parameter) -> ArtifactEntry:
    return _save(session, parameter, parameter.evaluate_default(_context(session, parameter)))


def _save(session: Session, parameter: Parameter, value: Any) -> ArtifactEntry:
    from flowkit.authoring.include_file import IncludedFile

    if isinstance(value, IncludedFile):
        from flowkit.engine.included_files import store_file

        return store_file(session, parameter.name, parameter.attribute, value)
    return session.store.save(parameter.attribute, value)


def store_inputs(session: Session, run: RunSpec, parameters: Mapping[str, ArtifactEntry]) -> InputRef:
    """Store what the run starts from: its parameters, the constants of the class, and the graph."""
    entries = dict(parameters)
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


def _context(session: Session, parameter: Parameter) -> Any:
    from flowkit.authoring.config_value import ConfigValue
    from flowkit.authoring.parameters import ParameterContext

    return ParameterContext(
        flow_name=session.compiled.name,
        user_name=session.username,
        parameter_name=parameter.name,
        ds_type=session.datastore_ref.name,
        configs=ConfigValue({one.definition.name: one.value for one in session.compiled.configs}),
    )
