"""The class that every flow derives from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from flowkit.authoring.binding import binding_of
from flowkit.authoring.constants import class_constants, read_only_error
from flowkit.authoring.entry import enter, graph_of
from flowkit.authoring.step import mark_of

if TYPE_CHECKING:
    from flowkit.model.graph import Graph

__all__ = ["FlowSpec", "initialize", "make_instance", "steps_of"]

#: Name in a flow class: what ``MyFlow(…)`` at the end of its script was given.
_ARGUMENTS = "__flowkit_arguments__"

FlowClass = TypeVar("FlowClass", bound="FlowSpec")


class FlowSpec:
    """A flow: its steps are the methods decorated with ``@step``, its artifacts the attributes that they set.

    ``MyFlow()`` at the end of a script starts the flow's command line.

    Parameters
    ----------
    use_cli
        False gives an instance that runs nothing, for tools that look at the flow.
    """

    __flowkit_api__ = True

    def __init__(self, use_cli: bool = True) -> None:
        # An __init__ of the author's own runs in each task, too, and may pass anything on.
        if use_cli and binding_of(self) is None:
            enter(type(self))

    if not TYPE_CHECKING:

        def __new__(cls, *args: Any, **options: Any) -> Any:
            if args or options:
                setattr(cls, _ARGUMENTS, (args, options))
            return super().__new__(cls)

        __new__.__wrapped__ = __init__  # whose signature is the one to show

    # --- about the flow --------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The flow's name."""
        return self.__class__.__name__  # not type(): of a join's input, that is no flow

    @property
    def script_name(self) -> str:
        """Name of the file that the flow is in, without its folder."""
        import os
        import sys

        module = sys.modules.get(self.__class__.__module__)
        return os.path.basename(getattr(module, "__file__", None) or "")

    @property
    def _graph(self) -> Graph:
        binding = binding_of(self)
        if binding is not None:
            return binding.graph
        cache = vars(self)
        if "__flowkit_graph__" not in cache:
            cache["__flowkit_graph__"] = graph_of(self.__class__)
        return cast("Graph", cache["__flowkit_graph__"])

    @property
    def _current_step(self) -> str | None:
        binding = binding_of(self)
        return None if binding is None else binding.step

    @property
    def _steps(self) -> list[Callable[..., Any]]:
        return list(steps_of(self.__class__).values())

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        """The functions that are steps, in the order of their definition."""
        return iter(self._steps)

    def __repr__(self) -> str:
        step = self._current_step
        return f"<flow {self.name}: in step {step}>" if step else f"<flow {self.name}>"

    # --- foreach ---------------------------------------------------------------------------------------------------

    @property
    def index(self) -> int | Any:
        """Which item of the innermost foreach this task is for, from 0; None outside a foreach."""
        binding = binding_of(self)
        return binding.frames[-1].index if binding is not None and binding.frames else None

    @property
    def input(self) -> Any:
        """The item of the innermost foreach that this task is for; None outside a foreach."""
        binding = binding_of(self)
        return binding.item(len(binding.frames) - 1) if binding is not None and binding.frames else None

    def foreach_stack(self) -> list[tuple[int, int | None, Any]]:
        """``(index, num_splits, value)`` of each enclosing foreach, outermost first; num_splits may be None."""
        binding = binding_of(self)
        frames = () if binding is None else binding.frames
        return [(frame.index, frame.num_splits, binding.item(level)) for level, frame in enumerate(frames) if binding]

    # --- what a step calls -----------------------------------------------------------------------------------------

    @overload
    def next(self, *steps: Callable[..., Any]) -> None: ...
    @overload
    def next(self, step: Callable[..., Any], /, *, foreach: str) -> None: ...
    @overload
    def next(self, step: Callable[..., Any], /, *, num_parallel: int) -> None: ...
    @overload
    def next(self, cases: Mapping[Any, Callable[..., Any]], /, *, condition: str) -> None: ...
    def next(
        self,
        *steps: Callable[..., Any] | Mapping[Any, Callable[..., Any]],
        foreach: str | None = None,
        num_parallel: int | None = None,
        condition: str | None = None,
        **unknown: Any,
    ) -> None:
        """Say which step follows: the last statement of every step but the end.

        ``self.next(self.a)``; ``self.next(self.a, self.b)`` for both; ``self.next(self.a, foreach="items")`` for one
        task an item; ``self.next({"yes": self.a, "no": self.b}, condition="answer")`` for the one that the artifact
        ``answer`` names.

        Parameters
        ----------
        foreach
            Name of the artifact to iterate over.
        num_parallel
            How many tasks of the step run together.
        condition
            Name of the artifact that chooses; the steps are then given as a dict.

        Raises
        ------
        InvalidNextError
            If this isn't what the flow's source says of this step, or the artifact can't be iterated over or has a
            value that isn't among the cases.
        """
        from flowkit.authoring.transition import record_next

        record_next(self, steps, foreach=foreach, num_parallel=num_parallel, condition=condition, unknown=unknown)

    def merge_artifacts(
        self, inputs: Iterable[Any], exclude: Sequence[str] | None = None, include: Sequence[str] | None = None
    ) -> None:
        """In a join: take over the artifacts on which all inputs that have them agree.

        Nothing is loaded. Attributes that the step has set before win. All are taken over, or none.

        Parameters
        ----------
        exclude
            Names to leave out.
        include
            Names to take, and no others; not together with ``exclude``.

        Raises
        ------
        UnhandledInMergeArtifacts
            If inputs disagree about an artifact.
        MissingInMergeArtifacts
            If no input has an artifact of ``include``.
        MergeArtifactsError
            If the step isn't a join, or ``exclude`` and ``include`` are both given.
        """
        from flowkit.authoring.merge import merge

        merge(self, inputs, list(exclude or ()), list(include or ()))

    def cmd(self, cmdline: str, input: Mapping[str, bytes | str] | None = None, output: Sequence[str] = ()) -> Any:  # noqa: A002
        """Run a command in a shell, with files: kept for old flows; ``subprocess.run`` does more.

        Parameters
        ----------
        input
            Files to write first: path to content.
        output
            Files to read after.

        Returns
        -------
        bytes or list of bytes
            The content of the one file of ``output``, or of each.

        Raises
        ------
        CommandError
            If the command's exit code isn't 0.
        """
        from flowkit.authoring.shell import run_with_files

        return run_with_files(cmdline, input or {}, output)

    # --- artifacts -------------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        # Only called where no attribute was found: what the task inherited is loaded on first use.
        binding = None if name.startswith("__") else binding_of(self)
        if binding is not None and binding.has(name):
            value = binding.inherited(name)
            vars(self)[name] = value
            if name not in binding.read_only:
                binding.loaded.add(name)
                binding.originals[name] = value
            return value
        from flowkit.authoring.missing import missing_attribute

        defined = getattr(type(self), name, None)
        if isinstance(defined, property) and defined.fget is not None:
            # The property raised AttributeError, which brought us here: let that error be seen, not one about it.
            return defined.fget(self)
        raise missing_attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        binding = binding_of(self)
        if binding is not None:
            if name in binding.read_only:
                raise read_only_error(type(self).__name__, name)
            binding.loaded.discard(name)
        if name in _OWN_PROPERTIES:
            raise AttributeError(f"self.{name} is FlowKit's own and can't be set; use another name for the artifact")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        binding = binding_of(self)
        if binding is None:
            object.__delattr__(self, name)
            return
        if name in binding.read_only:
            raise read_only_error(type(self).__name__, name)
        inherited = binding.has(name)
        if name in vars(self):
            del vars(self)[name]
        elif not inherited:
            from flowkit.authoring.missing import missing_attribute

            raise missing_attribute(self, name)
        binding.loaded.discard(name)
        if inherited:
            binding.deleted.add(name)
            binding.merged.pop(name, None)


_OWN_PROPERTIES = frozenset(name for name, value in vars(FlowSpec).items() if isinstance(value, property))


def make_instance(flow_class: type[FlowClass]) -> FlowClass:
    """An instance that starts no command line; an ``__init__`` of the author's own isn't called."""
    instance = flow_class.__new__(flow_class)
    FlowSpec.__init__(instance, use_cli=False)
    return instance


def initialize(flow: FlowSpec) -> None:
    """Call the ``__init__`` that the flow's author wrote, if any, on an instance that is bound to its task.

    It is given what the script gives it. What it sets are artifacts of that task, as if the step had set them.
    """
    own = type(flow).__init__
    if own is FlowSpec.__init__:
        return
    from inspect import signature

    taken = signature(own).parameters.values()
    args, options = vars(type(flow)).get(_ARGUMENTS, ((), {}))
    if not args and any(one.name == "use_cli" or one.kind is one.VAR_KEYWORD for one in taken):
        options = {**options, "use_cli": False}
    own(flow, *args, **options)


def steps_of(flow_class: type[Any]) -> dict[str, Callable[..., Any]]:
    """Names and functions of the steps of ``flow_class`` and its bases, in the order of their definition."""
    found: dict[str, Callable[..., Any]] = {}
    for base in reversed(flow_class.__mro__):
        for name, value in vars(base).items():
            if mark_of(value) is not None:
                found[name] = value
            elif name in found:
                del found[name]
    return found


def api_names() -> frozenset[str]:
    """Names that FlowSpec itself uses: no step, parameter or artifact can have one."""
    return frozenset(name for name in vars(FlowSpec) if not name.startswith("_"))


# Used by the layers that compile a flow.
__all__ += ["api_names", "class_constants"]
