"""``current``: where the code that asks is running."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit.client.run import Run
    from flowkit.client.task import Task
    from flowkit.client.trigger import Trigger
    from flowkit.model.parallel import Parallel

__all__ = ["Current", "current"]

#: Names that answer None where no task runs.
KNOWN = (
    "flow_name",
    "run_id",
    "step_name",
    "task_id",
    "retry_count",
    "origin_run_id",
    "pathspec",
    "namespace",
    "username",
    "tags",
    "parameter_names",
    "graph",
    "tempdir",
    "run",
    "task",
    "trigger",
)

#: Names that decorators add; None where no task runs, and not there in a task of a flow without the decorator.
ADDED = ("project_name", "branch_name", "is_user_branch", "is_production", "project_flow_name")


class Current:
    """The run and task that this process works for.

    Every property is None (``is_running_flow`` is False) where no task runs, so that a library may ask anywhere. Type
    checkers are told ``str | Any`` of what is never None in a task, so that a step may use it without asking.
    Plugins add names of their own: ``current.card``, ``current.project_name``; asking for one that isn't there is
    an AttributeError, and ``"card" in current`` tells.
    """

    if TYPE_CHECKING:
        # Added by decorators that come with FlowKit; those of plugins are in what `flowkit stubs` writes.
        project_name: str
        branch_name: str
        is_user_branch: bool
        is_production: bool
        project_flow_name: str
        parallel: Parallel

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._lazy: dict[str, Callable[[], Any]] = {}

    # --- for the one who starts a task, and for decorators ---------------------------------------------------------

    def _set(self, values: Mapping[str, Any], lazy: Mapping[str, Callable[[], Any]] | None = None) -> None:
        """Answer with ``values`` from here on, and with nothing that was there before.

        ``lazy``: values that are made when they are first asked for.
        """
        self._values = dict(values)
        self._lazy = dict(lazy or {})

    def _update(self, values: Mapping[str, Any], lazy: Mapping[str, Callable[[], Any]] | None = None) -> None:
        """Add names, or replace them."""
        for name in values:
            self._lazy.pop(name, None)
        self._values.update(values)
        for name, make in (lazy or {}).items():
            self._values.pop(name, None)
            self._lazy[name] = make

    def _clear(self) -> None:
        """No task runs any more."""
        self._values, self._lazy = {}, {}

    def _find(self, name: str) -> Any:
        if name in self._lazy:
            self._values[name] = self._lazy[name]()
            # Only now: if making it failed, the next one who asks sees why.
            del self._lazy[name]
        return self._values.get(name)

    # --- for everyone ----------------------------------------------------------------------------------------------

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter([*self._values, *self._lazy])

    def get(self, name: str, default: Any = None) -> Any:
        """The value of ``name``; ``default`` if there is no such name."""
        return getattr(self, name, default)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            if name in self._values or name in self._lazy:
                return self._find(name)
            if name in KNOWN or (name in ADDED and not self.is_running_flow):
                return None
        where = "in this task" if self.is_running_flow else "outside a run"
        raise AttributeError(f"current has no {name!r} {where}; a decorator or plugin that adds it may be missing")

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *KNOWN, *self})

    def __repr__(self) -> str:
        return f"<current: {self.pathspec or 'no task'}>"

    @property
    def is_running_flow(self) -> bool:
        """Whether a task runs in this process."""
        return self._values.get("task_id") is not None

    @property
    def flow_name(self) -> str | Any:
        """Name of the flow."""
        return self._text("flow_name")

    @property
    def run_id(self) -> str | Any:
        """The run's id."""
        return self._text("run_id")

    @property
    def step_name(self) -> str | Any:
        """Name of the step."""
        return self._text("step_name")

    @property
    def task_id(self) -> str | Any:
        """The task's id."""
        return self._text("task_id")

    @property
    def retry_count(self) -> int | Any:
        """How many attempts of this task came before this one: 0 in the first."""
        count = self._values.get("retry_count")
        return None if count is None else int(count)

    @property
    def origin_run_id(self) -> str | None:
        """The run that this one resumes; None if it isn't a resumed one."""
        return self._text("origin_run_id")

    @property
    def pathspec(self) -> str | Any:
        """``Flow/run/step/task``."""
        parts = [self._values.get(name) for name in ("flow_name", "run_id", "step_name", "task_id")]
        return None if None in parts else "/".join(map(str, parts))

    @property
    def namespace(self) -> str | None:
        """The namespace that the run was started in; None for the global one."""
        return self._text("namespace") or None

    @property
    def username(self) -> str | Any:
        """Who started the run."""
        return self._text("username")

    @property
    def tags(self) -> frozenset[str] | Any:
        """The run's tags that its user gave."""
        tags: Sequence[str] | None = self._values.get("tags")
        return None if tags is None else frozenset(tags)

    @property
    def parameter_names(self) -> Sequence[str] | Any:
        """The flow's parameters, by the names of their attributes."""
        names: Sequence[str] | None = self._values.get("parameter_names")
        return names

    @property
    def is_parallel(self) -> bool:
        """Whether the step has ``@parallel``: then ``current.parallel`` says which node the task is."""
        return bool(self._values.get("is_parallel", False))

    @property
    def graph(self) -> Mapping[str, Any] | Any:
        """What ``_graph_info`` says of the flow."""
        graph: Mapping[str, Any] | None = self._find("graph")
        return graph

    @property
    def tempdir(self) -> str | Any:
        """A folder for temporary files."""
        return self._text("tempdir")

    @property
    def run(self) -> Run | Any:
        """The run, as the client sees it."""
        run: Run | None = self._find("run")
        return run

    @property
    def task(self) -> Task | Any:
        """The task, as the client sees it."""
        task: Task | None = self._find("task")
        return task

    @property
    def trigger(self) -> Trigger | None:
        """What started the run: events, and runs of other flows; None if a user did."""
        trigger: Trigger | None = self._find("trigger")
        return trigger

    def _text(self, name: str) -> str | None:
        value = self._find(name)
        return None if value is None else str(value)


#: The one of this process.
current = Current()
