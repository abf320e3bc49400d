"""What ``run.code`` and ``task.code`` are."""

from __future__ import annotations

from pathlib import PurePath

import attrs

from flowkit.model.record import RunRecord

__all__ = ["TaskCode"]


@attrs.frozen
class TaskCode:
    """The code package of a run: what its tasks away from the launching machine ran."""

    #: SHA-256 of the package, which names it in the datastore.
    hash: str
    #: Name of the flow's file in it.
    script_name: str

    @classmethod
    def of_run(cls, run: RunRecord) -> TaskCode | None:
        """None for a run that made no package."""
        if not run.code:
            return None
        return cls(run.code, PurePath(str(run.info.get("flow_file", ""))).name)
