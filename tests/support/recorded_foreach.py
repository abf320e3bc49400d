"""A foreach that is recorded without being run, for tests of what finds its tasks."""

from __future__ import annotations

import json
from typing import Any

from flowkit.client import Tasks
from flowkit.model.artifact import Manifest, Transition
from flowkit.model.foreach_label import label
from flowkit.model.record import Metadatum
from support.recorded_run import FLOW, RecordedRun

__all__ = ["a_foreach", "found"]


def a_foreach(run: RecordedRun, items: list[Any], artifacts: Any = lambda item: {"out": item}, **told: bool) -> None:
    """A start task that splits, and a task of ``work`` for each item; ``known=False``: metadata doesn't show them."""
    split = run.task("start")
    ref = run.store.save_items("items", items)
    transition = Transition(("work",), foreach="items", num_splits=len(items), items=ref)
    run.store.write_manifest(Manifest(FLOW, "1", "start", split.task_id, 0, {}, transition=transition))
    for index, item in enumerate(items):
        shown = f"items={label(item)}" if told.get("known", True) else f"items=#{index}"
        run.task(
            "work",
            artifacts(item),
            index_path=str(index),
            frames=(("start", split.task_id, "items", index, len(items)),),
            metadata=(Metadatum("foreach-stack", json.dumps([shown])), Metadatum("pid", str(index % 2))),
        )


def found(tasks: Tasks) -> list[int | None]:
    """Their places in the foreach, in order."""
    return sorted((task.index for task in tasks), key=lambda index: -1 if index is None else index)
