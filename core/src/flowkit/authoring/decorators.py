"""The decorators that come with FlowKit, and those that plugins bring, as flow authors write them.

A decorator only notes its name and arguments on the function or class; what it does is the business of the class that
the registry has under that name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, overload

from flowkit.errors import InvalidDecorator
from flowkit.model.graph import DecoratorSpec
from flowkit.model.secret import masked

__all__ = [
    "catch",
    "environment",
    "flow_decorator_factory",
    "flow_decorators_of",
    "parallel",
    "pytorch_parallel",
    "resources",
    "retry",
    "secrets",
    "step_decorator_factory",
    "step_decorators_of",
    "timeout",
]

StepFunction = TypeVar("StepFunction", bound=Callable[..., Any])

STEP_ATTRIBUTE = "__flowkit_decorators__"
FLOW_ATTRIBUTE = "__flowkit_flow_decorators__"


@overload
def retry(function: StepFunction, /) -> StepFunction: ...
@overload
def retry(*, times: int = 3, minutes_between_retries: float = 2) -> Callable[[StepFunction], StepFunction]: ...
def retry(function: Any = None, /, **attributes: Any) -> Any:
    """Run the step again if it fails.

    Parameters
    ----------
    times
        How many times more, at most.
    minutes_between_retries
        Minutes to wait before each; on this machine a retry starts at once.
    """
    return _on_step("retry", function, attributes)


@overload
def catch(function: StepFunction, /) -> StepFunction: ...
@overload
def catch(*, var: str | None = None, print_exception: bool = True) -> Callable[[StepFunction], StepFunction]: ...
def catch(function: Any = None, /, **attributes: Any) -> Any:
    """Go on with the next step though this one has failed in all its attempts.

    Parameters
    ----------
    var
        Name of the artifact that gets the exception (``.exception``, ``.type``, ``.stacktrace``); None on success.
    print_exception
        Whether the traceback is printed.
    """
    return _on_step("catch", function, attributes)


@overload
def timeout(function: StepFunction, /) -> StepFunction: ...
@overload
def timeout(*, seconds: float = 0, minutes: float = 0, hours: float = 0) -> Callable[[StepFunction], StepFunction]: ...
def timeout(function: Any = None, /, **attributes: Any) -> Any:
    """End an attempt of the step after a time; it counts as failed. The arguments are added up."""
    return _on_step("timeout", function, attributes)


@overload
def environment(function: StepFunction, /) -> StepFunction: ...
@overload
def environment(
    *,
    vars: Mapping[str, str] = ...,
    fork_safe: bool = False,
) -> Callable[[StepFunction], StepFunction]: ...
def environment(function: Any = None, /, **attributes: Any) -> Any:
    """Set environment variables for the step, before the flow is imported.

    Parameters
    ----------
    vars
        Names and values.
    fork_safe
        The variables needn't be there when libraries are loaded, so that the step needs no interpreter of its own.
    """
    return _on_step("environment", function, attributes)


@overload
def resources(function: StepFunction, /) -> StepFunction: ...
@overload
def resources(
    *,
    cpu: float | str = 1,
    gpu: int | str | None = None,
    disk: int | str | None = None,
    memory: int | str = 4096,
    shared_memory: int | str | None = None,
) -> Callable[[StepFunction], StepFunction]: ...
def resources(function: Any = None, /, **attributes: Any) -> Any:
    """What the step needs, where it runs away from this machine.

    Parameters
    ----------
    cpu
        Processors.
    gpu
        Graphics processors.
    disk
        Megabytes of disk.
    memory
        Megabytes of memory.
    shared_memory
        Megabytes of ``/dev/shm``.
    """
    return _on_step("resources", function, attributes)


@overload
def secrets(function: StepFunction, /) -> StepFunction: ...
@overload
def secrets(
    *, sources: Sequence[str | Mapping[str, Any]] = (), role: str | None = None, allow_override: bool = False
) -> Callable[[StepFunction], StepFunction]: ...
def secrets(function: Any = None, /, **attributes: Any) -> Any:
    """Set environment variables from secrets before the step's code runs; their values are redacted in its output.

    Parameters
    ----------
    sources
        ``"TYPE.ID"``, or dicts with ``type``, ``id``, ``options`` and ``role``; a type is a secrets provider's name.
    role
        For sources that name none.
    allow_override
        Whether a secret may set a variable that has another value already.
    """
    if isinstance(sources := attributes.get("sources"), list | tuple):
        attributes["sources"] = [_masked_source(source) for source in sources]
    return _on_step("secrets", function, attributes)


def parallel(function: StepFunction, /) -> StepFunction:
    """Run the tasks that ``self.next(self.step, num_parallel=…)`` starts together; see ``current.parallel``."""
    noted: StepFunction = _on_step("parallel", function, {})
    return noted


@overload
def pytorch_parallel(function: StepFunction, /) -> StepFunction: ...
@overload
def pytorch_parallel(*, master_port: int | None = None) -> Callable[[StepFunction], StepFunction]: ...
def pytorch_parallel(function: Any = None, /, **attributes: Any) -> Any:
    """As ``@parallel``, and set the environment variables that ``torch.distributed`` reads.

    Parameters
    ----------
    master_port
        Port on which node 0 listens; without it, one that is made from the run's id.
    """
    return _on_step("pytorch_parallel", function, attributes)


def _masked_source(source: Any) -> Any:
    if isinstance(source, Mapping) and "options" in source:
        return {**source, "options": masked(source["options"])}
    return source


def step_decorator_factory(name: str) -> Callable[..., Any]:
    """The decorator ``name`` for steps, as ``from flowkit import name`` gives it for a plugin's."""

    def decorator(function: Any = None, /, **attributes: Any) -> Any:
        return _on_step(name, function, attributes)

    return _named(decorator, name, f"The decorator @{name} for a step.")


def flow_decorator_factory(name: str) -> Callable[..., Any]:
    """The decorator ``name`` for flows, as ``from flowkit import name`` gives it for a plugin's."""

    def decorator(flow_class: Any = None, /, **attributes: Any) -> Any:
        spec = DecoratorSpec(name, attributes, origin_of_caller(2))
        if flow_class is None:
            return lambda decorated: note_on_flow(decorated, spec)
        return note_on_flow(flow_class, spec)

    return _named(decorator, name, f"The decorator @{name} for a flow.")


def step_decorators_of(function: Any) -> tuple[DecoratorSpec, ...]:
    """Decorators of a step's function, as written from the top."""
    return tuple(getattr(function, STEP_ATTRIBUTE, ()))


def flow_decorators_of(flow_class: type[Any]) -> tuple[DecoratorSpec, ...]:
    """Decorators of a flow and of its bases, the flow's own first."""
    return tuple(spec for base in flow_class.__mro__ for spec in vars(base).get(FLOW_ATTRIBUTE, ()))


def _on_step(name: str, function: Any, attributes: Mapping[str, Any]) -> Any:
    spec = DecoratorSpec(name, attributes, origin_of_caller(3))
    if function is None:
        return lambda decorated: note_on_step(decorated, spec)
    return note_on_step(function, spec)


def note_on_step(function: Any, spec: DecoratorSpec) -> Any:
    """Put a decorator on a step's function, above those that are there. Raises InvalidDecorator."""
    if isinstance(function, type):
        raise InvalidDecorator(f"{spec.origin}: @{spec.name} is for steps; it stands on the class {function.__name__}")
    if not callable(function):
        raise InvalidDecorator(
            f"{spec.origin}: @{spec.name} takes its arguments by name: @{spec.name}(name={function!r})"
        )
    setattr(function, STEP_ATTRIBUTE, (spec, *getattr(function, STEP_ATTRIBUTE, ())))
    return function


def note_on_flow(flow_class: Any, spec: DecoratorSpec) -> Any:
    """Put a decorator on a flow's class, above those that are there. Raises InvalidDecorator."""
    if not isinstance(flow_class, type):
        what = "stands on a function" if callable(flow_class) else f"was given {flow_class!r} without a name"
        raise InvalidDecorator(
            f"{spec.origin}: @{spec.name} is for flows and takes its arguments by name; here it {what}"
        )
    setattr(flow_class, FLOW_ATTRIBUTE, (spec, *vars(flow_class).get(FLOW_ATTRIBUTE, ())))
    return flow_class


def origin_of_caller(depth: int) -> str:
    """``file:line`` of the caller, with ``depth`` 1; of its caller with 2, and so on."""
    frame = sys._getframe(depth)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _named(function: Callable[..., Any], name: str, doc: str) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function
