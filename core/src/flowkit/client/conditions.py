"""What tasks must be like to be found, and whether a task is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from flowkit.client.fields import RECORD_FIELDS
from flowkit.client.wanted import Wanted
from flowkit.errors import NotFound
from flowkit.model.foreach_label import LONGEST_LABEL, input_label, label
from flowkit.model.record import TaskRecord, TaskSearch, TaskStatus

if TYPE_CHECKING:
    from flowkit.client.run_context import RunContext
    from flowkit.client.task import Task
    from flowkit.model.artifact import ItemsRef

__all__ = ["ANY", "Any_", "Conditions", "Items", "search_of"]


class Any_(Enum):  # noqa: N801 (a type of one value, which isn't None: that may be an item of a foreach)
    """The type of :data:`ANY`."""

    ANY = "any"

    def __repr__(self) -> str:
        return "ANY"


ANY: Final = Any_.ANY


@attrs.frozen
class Conditions:
    """What was asked for in one call; all of it must hold."""

    input: Any = ANY
    index: int | None = None
    status: TaskStatus | None = None
    attempt: int | None = None
    metadata: Mapping[str, object] = attrs.field(factory=dict)
    artifacts: Mapping[str, Any] = attrs.field(factory=dict)

    def describe(self) -> str:
        """As it was written in the call."""
        asked = {"input": self.input} if self.input is not ANY else {}
        for name in ("index", "status", "attempt"):
            if (value := getattr(self, name)) is not None:
                asked[name] = value
        asked |= {name: dict(fields) for name in ("metadata", "artifacts") if (fields := getattr(self, name))}
        return ", ".join(f"{name}={value!r}" for name, value in asked.items())

    @property
    def plain_input(self) -> str | None:
        """The item that is wanted, as metadata shows it; None if that doesn't say what it is."""
        value = self.input
        is_plain = isinstance(value, str | int | float) and type(value) in (str, int, float, bool)
        return label(value) if is_plain else None

    def hold(self, task: Task, items: Items, wanted: Mapping[str, Wanted]) -> bool:
        """Whether a task meets them; what costs least is looked at first, and nothing is loaded before it must be."""
        record = task._state()
        if self.index is not None and task.index != self.index:
            return False
        if self.status is not None and task._shown().status != self.status:
            return False
        if self.attempt is not None and task.current_attempt != self.attempt:
            return False
        if not all(_has_field(task, name, value) for name, value in self.metadata.items()):
            return False
        if self.input is not ANY and not self._has_input(record, items):
            return False
        return all(one.is_in(task) for one in wanted.values())

    def _has_input(self, record: TaskRecord, items: Items) -> bool:
        if not record.frames:
            return False
        plain, shown = self.plain_input, input_label(record)
        if plain is not None and shown is not None and (shown != plain or len(plain) < LONGEST_LABEL):
            return shown == plain
        # Metadata doesn't show it, or not all of it.
        item = items.of(record)
        return bool(self.input(item)) if callable(self.input) else _equal(item, self.input)


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # arrays have no truth of their own, and a class may compare as it likes
        return False


def _has_field(task: Task, name: str, value: object) -> bool:
    """Whether a field that is made up from the record, or that was recorded in any attempt, has a value."""
    if name in RECORD_FIELDS:
        found = task.metadata_dict.get(name)
        return found is not None and (found == value or str(found) == str(value))
    recorded = task._state().metadata
    if any(entry.field == name and entry.value == str(value) for entry in recorded):
        return True
    attempts = task._view.reader.attempts(*task._path)
    return any(entry.field == name and entry.value == str(value) for one in attempts for entry in one.metadata)


def search_of(step: str | None, conditions: tuple[Conditions, ...], *, is_settled: bool) -> TaskSearch:
    """The part of the conditions that the metadata provider looks after: it gives all that match, and maybe more.

    Parameters
    ----------
    is_settled
        Whether the status that is recorded is the one that is shown, which it isn't in a run that was killed.
    """
    fields: dict[str, Any] = {"metadata": {}}
    for one in conditions:
        fields["metadata"] |= {name: str(value) for name, value in one.metadata.items() if name not in RECORD_FIELDS}
        known = {
            "status": one.status if is_settled else None,
            "attempt": one.attempt,
            "input": None if one.input is ANY else one.plain_input,
        }
        fields |= {name: value for name, value in known.items() if value is not None}
    return TaskSearch(step=step, **fields)


class Items:
    """Items of foreaches, whose places are looked up once for each split."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._splits: dict[tuple[str, str], tuple[ItemsRef | None, str]] = {}

    def of(self, record: TaskRecord) -> Any:
        """What the innermost foreach gave a task. Raises as loading an artifact does, and NotFound."""
        from flowkit.client.flow_module import FlowModule, searching_beside

        step, task_id, _, index, _ = record.frames[-1]
        if (step, task_id) not in self._splits:
            self._splits[step, task_id] = self._find(step, task_id)
        items, file = self._splits[step, task_id]
        if items is None:
            return index
        with searching_beside(file):
            return self._run.store.load_item(items, index, main_module=FlowModule(file))

    def _find(self, step: str, task_id: str) -> tuple[ItemsRef | None, str]:
        run = self._run
        split = run.view.reader.task(run.flow, run.run_id, step, task_id)
        manifest = run.manifest(split.manifest) if split is not None and split.manifest is not None else None
        if manifest is None or manifest.transition is None:
            raise NotFound(
                f"what the foreach of {run.flow}/{run.run_id}/{step}/{task_id} went over is not there any more"
            )
        return manifest.transition.items, manifest.main_file
