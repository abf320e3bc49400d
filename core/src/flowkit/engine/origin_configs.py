"""The configurations of the run that is resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.authoring.config import configs_of
from flowkit.engine.resume import find_origin_run, origin_parameters

if TYPE_CHECKING:
    from flowkit.engine.session import Session

__all__ = ["origin_configs"]


def origin_configs(session: Session, origin_run_id: str | None) -> dict[str, Any]:
    """Values by name, without those of configurations that the run hadn't.

    They are needed before the flow can be compiled: the session's own compiled flow need have no more than its name.

    Raises
    ------
    ResumeError
        If there is no such run.
    """
    flow = session.compiled.name
    run = find_origin_run(session.metadata, flow, origin_run_id, session.namespace)
    session.go_to_store_of(run)
    entries = origin_parameters(session.metadata, session.store, run).artifacts
    definitions = configs_of(session.compiled.flow_class)
    return {one.name: session.store.load(entries[one.attribute]) for one in definitions if one.attribute in entries}
