"""What a decorator on a step may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from flowkit.errors import InvalidDecorator
from flowkit.model.artifact import Manifest
from flowkit.model.graph import DecoratorSpec, Graph
from flowkit.model.plan import Attempts
from flowkit.model.problem import Problem
from flowkit.model.task import TaskSpec

__all__ = ["Attempts", "StepDecorator", "TaskContext"]


class TaskContext(Protocol):
    """One attempt, as a decorator sees it from inside the task's process."""

    spec: TaskSpec
    graph: Graph
    #: The FlowSpec instance: artifacts are its attributes.
    flow: Any
    #: The inputs of a join; None elsewhere.
    inputs: Any
    #: What ``current`` answers; a decorator may add to it.
    current: Any
    #: What the step raised, after what decorators of the user's own made of it; None if it went well. An attempt that
    #: succeeds all the same is recorded as caught.
    raised: BaseException | None

    def is_last_attempt(self) -> bool:
        """Whether no attempt that runs the user's code follows this one."""

    def fan_out(self, items: Iterable[Any]) -> None:
        """In the control task of an unbounded foreach: what the items are. Each gets a task of this step.

        See :class:`flowkit.interfaces.unbounded_foreach.UnboundedForeach`.
        """

    def add_metadata(self, field: str, value: str) -> None:
        """Record a field of the task's metadata."""

    def add_secrets(self, values: Iterable[str]) -> None:
        """Redact these values wherever the task's output is stored or shown. Call it before user code runs."""

    def redacted(self, text: str) -> str:
        """The text without the values that were given to :meth:`add_secrets`."""


class StepDecorator:
    """Base of all step decorators; ``name`` and ``defaults`` are all that one must state.

    A decorator is built once for each step that has it, in the launching process and again in each task's process.
    """

    api_version: ClassVar[int] = 1
    name: ClassVar[str]
    #: Its arguments and their defaults; any other argument is an error that lists these.
    defaults: ClassVar[Mapping[str, Any]] = {}
    #: False if the process that has imported the flow must not fork tasks of the step (see ``variables``).
    #: A class says so for all; an instance may by its arguments.
    fork_safe: bool = True
    #: Whether it has a part in a task that ``spin`` runs: not one that tries again, handles failures or tells others.
    acts_in_spin: ClassVar[bool] = True
    #: Whether it has the tasks of a ``num_parallel`` split know of each other: a step that one starts needs such a one.
    is_parallel: ClassVar[bool] = False
    #: A step may have several.
    allow_multiple: ClassVar[bool] = False
    #: Where :meth:`around` stands among a step's decorators: lower is further outside. Equal ones nest as written.
    order: ClassVar[int] = 100
    #: Names that it adds to ``current``, and their dotted types: for type checkers (``flowkit stubs``).
    current_names: ClassVar[Mapping[str, str]] = {}

    #: The :class:`flowkit.kernel.registry.Registry` of the plugins in use, whatever flags and settings leave out; set
    #: when the decorator is built, here and in each task's process.
    registry: Any = None

    def __init__(self, spec: DecoratorSpec) -> None:
        unknown = sorted(set(spec.attributes) - set(self.defaults))
        if unknown:
            known = ", ".join(self.defaults) or "none"
            raise InvalidDecorator(f"{spec.origin}: @{self.name} has no argument {unknown[0]!r}; it takes: {known}")
        self.spec = spec
        self.attributes: dict[str, Any] = {**self.defaults, **spec.attributes}

    # --- on the launching side -------------------------------------------------------------------------------------

    def check(self, graph: Graph, step: str) -> Iterable[Problem]:
        """Problems with this decorator on this step of this graph."""
        return ()

    def check_deployment(self, graph: Graph, step: str) -> Iterable[Problem]:
        """What stands against deploying a flow with this decorator, besides what stands against running it."""
        return ()

    def shown(self) -> DecoratorSpec:
        """The decorator as it is stored, shown, and given to deployers: without secrets."""
        return self.spec

    def attempts(self) -> Attempts:
        """How many attempts the step gets."""
        return Attempts()

    def plan(self, spec: TaskSpec) -> TaskSpec:
        """The attempt as this decorator wants it: called for every attempt, must be quick and pure."""
        return spec

    def files(self) -> Iterable[tuple[str, str]]:
        """Files for the code package: path on this machine, name in the package."""
        return ()

    def preload(self) -> Sequence[str]:
        """Modules to import once, before tasks fork."""
        return ()

    def serializers(self) -> Mapping[str, str]:
        """Names of serializers, by the artifacts of the step that they are to store."""
        return {}

    def launch_started(self, flow: Any, graph: Graph, run_id: str) -> None:
        """A run is about to begin, on the launching side."""
        return

    def launch_finished(self, flow: Any, graph: Graph, run_id: str, *, succeeded: bool) -> None:
        """The run has ended, on the launching side. Nothing raised here changes how it ended."""
        return

    # --- in the task's process -------------------------------------------------------------------------------------

    def around(self, run: Callable[[], None], context: TaskContext) -> None:
        """Run the step's body, or what another decorator makes of it, by calling ``run``.

        An exception that isn't raised again is handled: the task counts as done, and ``context.flow`` must have gone
        on to a next step (the body's ``self.next``, or one made up for it).
        """
        run()

    def stored(self, context: TaskContext, manifest: Manifest) -> None:
        """The attempt's artifacts are stored, but the task doesn't count as done yet. Nothing raised here fails it."""
        return
