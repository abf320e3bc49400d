"""What a join's method is given: the tasks that it joins, with their artifacts loaded when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, overload

from flowkit.authoring.bound import CHANGED_ITEMS
from flowkit.authoring.config import Config, definition_of, shown_value
from flowkit.model.artifact import ArtifactEntry
from flowkit.model.task import ForeachFrame

#: Stands for what a flow's class doesn't have; None may be a constant.
_UNDEFINED = object()

__all__ = ["Input", "Inputs", "entries_of", "load_from"]


class Input:
    """One task that a join joins. Its artifacts are attributes, loaded on first use.

    Parameters
    ----------
    load
        One artifact by name, of those in ``entries``.
    entries
        All artifacts of the task, by name, not loaded.
    index
        The task's place in the innermost foreach that the join closes; None where it closes none.
    flow_class
        The flow: its methods and properties can be used on an input as on ``self``.
    """

    def __init__(
        self,
        step: str,
        task_id: str,
        load: Callable[[str], Any],
        entries: Callable[[], Mapping[str, ArtifactEntry]],
        index: int | None = None,
        *,
        frames: tuple[ForeachFrame, ...] = (),
        load_item: Callable[[ForeachFrame], Any] | None = None,
        flow_class: type[Any] | None = None,
    ) -> None:
        self._current_step = step
        self.__task_id = task_id
        self.__load = load
        self.__entries = entries
        self.__index = frames[-1].index if frames else index
        self.__frames = frames
        self.__load_item = load_item
        self.__flow_class = flow_class

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_Input__load" not in vars(self):
            raise AttributeError(name)
        if name not in self.__entries():
            return self.__inherited(name)
        value = self.__load(name)
        config = self.__defined(name)
        if isinstance(config, Config):
            value = shown_value(definition_of(config), value)
        vars(self)[name] = value
        return value

    def __inherited(self, name: str) -> Any:
        if name == "index":
            return self.__index
        if name == "input":
            return self.__item(len(self.__frames) - 1) if self.__frames else None
        if name == "foreach_stack":
            return lambda: [(f.index, f.num_splits, self.__item(level)) for level, f in enumerate(self.__frames)]
        value = self.__defined(name)
        if value is not _UNDEFINED:
            return value.__get__(self, self.__flow_class) if hasattr(value, "__get__") else value
        raise AttributeError(_missing(name, f"task {self._current_step}/{self.__task_id}", list(self.__entries())))

    def __defined(self, name: str) -> Any:
        """What the flow's class has of that name, as it was written."""
        for base in self.__flow_class.__mro__ if self.__flow_class else ():
            if name in vars(base):
                return vars(base)[name]
        return _UNDEFINED

    @property  # type: ignore[misc] # of other objects, it may be set
    def __class__(self) -> type[Any]:
        """The flow: an input passes for one with ``isinstance``."""
        return self.__flow_class or Input

    def __item(self, level: int) -> Any:
        frame = self.__frames[level]
        if self.__load_item is None or frame.items is None:
            return frame.index
        changed = self.__load(CHANGED_ITEMS) if CHANGED_ITEMS in self.__entries() else {}
        return changed[level] if level in changed else self.__load_item(frame)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self.__entries(), "index", "input", "foreach_stack"})

    def __repr__(self) -> str:
        return f"<input {self._current_step}/{self.__task_id}: {', '.join(sorted(self.__entries()))}>"


# Functions, not methods: every public name of an input belongs to the flow's author.


def load_from(task: Input, name: str) -> Any:
    """One artifact of an input, of those in :func:`entries_of`."""
    return vars(task)["_Input__load"](name)


def entries_of(task: Input) -> Mapping[str, ArtifactEntry]:
    """What is stored of each artifact of an input, without loading any."""
    entries: Mapping[str, ArtifactEntry] = vars(task)["_Input__entries"]()
    return entries


class Inputs:
    """The tasks that a join joins: a sequence in the split's order, and by step name.

    >>> inputs[0].score, inputs.train.score, [task.score for task in inputs]
    """

    # Nothing more: every name is looked up among the steps.
    __slots__ = ("_tasks",)

    def __init__(self, tasks: Sequence[Input]) -> None:
        self._tasks = tasks

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[Input]:
        return iter(self._tasks)

    @overload
    def __getitem__(self, index: int) -> Input: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Input]: ...
    def __getitem__(self, index: int | slice) -> Input | Sequence[Input]:
        return self._tasks[index]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # The last task of the step, if there are several, as in a foreach.
        for task in reversed(self._tasks):
            if task._current_step == name:
                return task
        if name == "flows":
            return list(self._tasks)
        steps = list(dict.fromkeys(task._current_step for task in self._tasks))
        raise AttributeError(
            f"the join has no input from a step {name!r}; its inputs come from: {', '.join(steps)}. "
            f"An artifact is read from one input: inputs[0].{name}"
        )

    def __repr__(self) -> str:
        steps = dict.fromkeys(task._current_step for task in self._tasks)
        return f"<{len(self._tasks)} inputs from {', '.join(steps)}>"


def _missing(name: str, where: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, 3)
    hint = f"; did you mean {' or '.join(close)}?" if close else f"; it has: {', '.join(sorted(known)) or 'none'}"
    return f"{where} has no artifact {name!r}{hint}"
