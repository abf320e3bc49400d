"""Decorators of the user's own: code that runs before and after a step, as a generator or a class."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast, overload

from flowkit.authoring.decorators import note_on_step, origin_of_caller
from flowkit.authoring.step import mark_of
from flowkit.errors import InvalidDecorator
from flowkit.model.graph import DecoratorSpec

__all__ = [
    "USER_SKIP_STEP",
    "StepDecoratorType",
    "UserDecorator",
    "UserStepDecorator",
    "build",
    "find_user_decorator",
    "full_name",
    "short_name",
    "user_step_decorator",
]

StepFunction = TypeVar("StepFunction", bound=Callable[..., Any])
#: A generator function that is made a decorator: it yields once, around the step.
Around = Callable[..., Generator[Any, None, Any]]

#: What a generator yields so that the step doesn't run, and goes on as its ``self.next`` says.
USER_SKIP_STEP: dict[str, Any] = {}


class Undecorated:
    """A decorator with its arguments, before it is on a step."""

    def __init__(self, decorator: type[UserDecorator], spec: DecoratorSpec) -> None:
        vars(self).update(decorator=decorator, spec=spec)

    def __call__(self, function: StepFunction) -> StepFunction:
        spec: DecoratorSpec = vars(self)["spec"]
        if mark_of(function) is None:
            raise InvalidDecorator(
                f"{spec.origin}: @{spec.name} is for steps, and stands above @step; {function!r} isn't a step"
            )
        return cast(StepFunction, note_on_step(function, spec))

    def __setattr__(self, name: str, value: Any) -> None:
        # It was taken for a function, by a decorator that stands above it.
        spec: DecoratorSpec = vars(self)["spec"]
        raise InvalidDecorator(f"{spec.origin}: @{spec.name} must stand above @step, and be on a method")


class StepDecoratorType(type):
    """Calling such a class puts it on a step, rather than making an object: that is done when a flow is compiled."""

    @overload
    def __call__(cls, function: StepFunction, /) -> StepFunction: ...
    @overload
    def __call__(cls, *args: Any, **kwargs: Any) -> Callable[[StepFunction], StepFunction]: ...
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """``@Decorator``, ``@Decorator()`` and ``@Decorator(argument, name=value)``."""
        decorator = cast("type[UserDecorator]", cls)
        is_bare = len(args) == 1 and not kwargs and mark_of(args[0]) is not None
        spec = DecoratorSpec(
            short_name(decorator), kwargs, origin_of_caller(2), args=() if is_bare else args, target=decorator
        )
        undecorated = Undecorated(decorator, spec)
        return undecorated(args[0]) if is_bare else undecorated


class UserDecorator(metaclass=StepDecoratorType):
    """Base of the classes that users derive theirs from."""

    if TYPE_CHECKING:
        # For type checkers that don't look at what a metaclass makes of a call.
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...
        def __call__(self, function: StepFunction, /) -> StepFunction: ...

    def init(self, *args: Any, **kwargs: Any) -> None:
        """Take the decorator's arguments. One that takes any has this method, in place of ``__init__``."""
        return

    def add_to_package(self) -> Iterable[tuple[Any, ...]]:
        """Files that the code package needs: ``(path on this machine, name in the package)``."""
        return ()


class UserStepDecorator(UserDecorator):
    """Derive from this to run code before and after a step.

    Examples
    --------
    >>> class Announce(UserStepDecorator):
    ...     def init(self, greeting="hello"):
    ...         self.greeting = greeting
    ...
    ...     def pre_step(self, step_name, flow, inputs=None):
    ...         print(self.greeting, step_name)
    ...
    >>> class Hello(FlowSpec):
    ...     @Announce(greeting="hi")
    ...     @step
    ...     def start(self):
    ...         self.next(self.end)
    """

    _skip_step: Any = False

    def pre_step(self, step_name: str, flow: Any, inputs: Any = None) -> Callable[..., Any] | None:
        """Before the step, and before what stands below this decorator.

        Parameters
        ----------
        flow
            The flow, as ``self`` is in the step.
        inputs
            Of a join; None for other steps.

        Returns
        -------
        callable or None
            A function to call in place of the step, with the same arguments. It may return True, for the step's own
            ``self.next``, or a dict with arguments of ``self.next``; or else call it.
        """
        return None

    def post_step(self, step_name: str, flow: Any, exception: BaseException | None = None) -> Any:
        """After the step.

        Parameters
        ----------
        exception
            What the step raised; None if it didn't.

        Returns
        -------
        None, exception or tuple
            The exception to go on with; None for none: the step counts as done. Or a tuple of that and of the
            arguments of ``self.next``: a dict, which is empty for the step's own; None where it was called.
        """
        return exception

    @property
    def skip_step(self) -> bool | dict[str, Any]:
        """Whether the step, and what stands below this decorator, isn't run: set it in ``pre_step``.

        True to go on as the step's ``self.next`` says; a dict gives arguments of ``self.next``.
        """
        skip: bool | dict[str, Any] = self._skip_step
        return skip

    @skip_step.setter
    def skip_step(self, value: bool | dict[str, Any]) -> None:
        self._skip_step = value


class GeneratorDecorator(UserStepDecorator):
    """Base of what :func:`user_step_decorator` makes."""

    function: Around
    #: Whether the function takes the decorator's arguments, as a fourth one.
    takes_attributes: bool

    def init(self, **attributes: Any) -> None:
        """Keep the arguments."""
        if attributes and not self.takes_attributes:
            raise InvalidDecorator(
                f"@{short_name(type(self))} is given {', '.join(attributes)}, and its function has no fourth argument "
                "for them: def name(step_name, flow, inputs, attributes)"
            )
        self.attributes = attributes

    def start(self, step_name: str, flow: Any, inputs: Any) -> Generator[Any, None, Any]:
        """The generator for one attempt."""
        more = [dict(self.attributes)] if self.takes_attributes else []
        return type(self).function(step_name, flow, inputs, *more)


class _GeneratorDecoratorType(Protocol):
    """What :func:`user_step_decorator` returns, as type checkers see it."""

    @overload
    def __call__(self, function: StepFunction, /) -> StepFunction: ...
    @overload
    def __call__(self, **attributes: Any) -> Callable[[StepFunction], StepFunction]: ...


def user_step_decorator(function: Around) -> _GeneratorDecoratorType:
    """Make a generator a decorator for steps: what comes before its ``yield`` runs before the step, the rest after.

    The function takes ``(step_name, flow, inputs)``, or ``(step_name, flow, inputs, attributes)`` where the decorator
    has arguments. An exception of the step is raised at the ``yield``; the step counts as done if it isn't raised
    again. It may yield a function to call in place of the step, or a dict to skip the step: with arguments of
    ``self.next``, or empty (``USER_SKIP_STEP``) to go on as the step would have. Without a ``yield`` the step is
    skipped, too.

    Examples
    --------
    >>> @user_step_decorator
    ... def timed(step_name, flow, inputs=None):
    ...     begin = time.monotonic()
    ...     yield
    ...     flow.seconds = time.monotonic() - begin
    """
    from inspect import isgeneratorfunction

    if not isinstance(function, FunctionType) or not isgeneratorfunction(function):
        raise InvalidDecorator(
            f"@user_step_decorator is for generator functions, with a yield in them; not {function!r}"
        )
    code = function.__code__
    if code.co_argcount not in (3, 4) or code.co_kwonlyargcount:
        raise InvalidDecorator(
            f"{code.co_filename}:{code.co_firstlineno}: the function of @user_step_decorator takes "
            "(step_name, flow, inputs) or (step_name, flow, inputs, attributes)"
        )
    body = {
        "function": staticmethod(function),
        "takes_attributes": code.co_argcount == 4,
        "__module__": function.__module__,
        "__qualname__": function.__qualname__,
        "__doc__": function.__doc__,
    }
    return cast(_GeneratorDecoratorType, StepDecoratorType(function.__name__, (GeneratorDecorator,), body))


def short_name(decorator: type[Any]) -> str:
    """What messages and ``decorator_specs`` call it."""
    return decorator.__name__


def full_name(decorator: type[Any]) -> str:
    """Its dotted name."""
    return f"{decorator.__module__}.{decorator.__qualname__}"


def build(decorator: type[Any], spec: DecoratorSpec) -> Any:
    """An object of the class, with the arguments of ``spec``.

    Raises
    ------
    InvalidDecorator
        If it doesn't take them, or its ``init`` fails.
    """
    made = type.__call__(decorator)
    definer = next(base for base in decorator.__mro__ if "init" in vars(base))
    if (spec.args or spec.attributes) and _is_own(definer) and definer is not GeneratorDecorator:
        raise InvalidDecorator(
            f"{spec.origin}: {spec} has arguments, and {full_name(decorator)} has no method init to take them"
        )
    try:
        made.init(*spec.args, **spec.attributes)
    except InvalidDecorator as error:
        raise InvalidDecorator(f"{spec.origin}: {error.message}") from error
    except Exception as error:
        raise InvalidDecorator(f"{spec.origin}: {spec}: its init raised {type(error).__name__}: {error}") from error
    return made


def find_user_decorator(name: str, base: type[Any]) -> type[Any] | None:
    """The class that ``name`` says: of those that are defined in this process, or to be imported by a dotted name.

    The end of a dotted name will do, as long as one class alone has it.

    Raises
    ------
    InvalidDecorator
        If several classes have the name, or a dotted name can't be imported or is something else.
    """
    found = [one for one in dict.fromkeys(_derived(base)) if f".{full_name(one)}".endswith(f".{name}")]
    # Of classes that derive from each other, only the last are decorators that are used.
    found = [one for one in found if not any(one in other.__mro__[1:] for other in found)]
    if len(found) > 1:
        names = ", ".join(full_name(one) for one in found)
        raise InvalidDecorator(f"several decorators are called {name!r}: write one of {names}")
    if found:
        return found[0]
    return _imported(name, base) if "." in name else None


def _imported(name: str, base: type[Any]) -> type[Any]:
    from importlib import import_module

    module_name, _, attribute = name.rpartition(".")
    try:
        value = getattr(import_module(module_name), attribute, None)
    except ImportError as error:
        raise InvalidDecorator(f"the decorator {name!r} can't be imported: {error}") from error
    if not isinstance(value, type) or not issubclass(value, base):
        what = "isn't there" if value is None else f"is {value!r}, which isn't a decorator of the user's own"
        raise InvalidDecorator(f"{attribute!r} of the module {module_name} {what}")
    return value


def _derived(base: type[Any]) -> Iterator[type[Any]]:
    for one in type.__subclasses__(base):
        if not _is_own(one):
            yield one
        yield from _derived(one)


def _is_own(decorator: type[Any]) -> bool:
    """Whether a class is FlowKit's own."""
    return decorator.__module__.startswith("flowkit.authoring.")
