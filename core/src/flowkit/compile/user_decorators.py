"""Decorators of the user's own, as the rest of FlowKit sees decorators."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from copy import copy
from typing import Any, ClassVar, NoReturn

import attrs

from flowkit.authoring.binding import binding_of
from flowkit.authoring.transition import record_in_place
from flowkit.authoring.user_decorators import GeneratorDecorator, UserDecorator, UserStepDecorator
from flowkit.compile.draft import with_object
from flowkit.errors import InvalidDecorator, StepTimeout
from flowkit.interfaces.flow_decorator import FlowDecorator
from flowkit.interfaces.step_decorator import StepDecorator, TaskContext
from flowkit.model.graph import DecoratorSpec

__all__ = ["UserFlowDecorator", "UserStepAdapter"]

#: What the user's decorators handle; what ends a run (KeyboardInterrupt) passes them by.
_HANDLED = (Exception, StepTimeout)


@attrs.define
class _Plan:
    """What a decorator wants instead of the step; nothing of it, and the step is run."""

    replacement: Callable[..., Any] | None = None
    #: Arguments of ``self.next``, for a step that isn't run; empty for its own.
    skip: dict[str, Any] | None = None


class UserStepAdapter(StepDecorator):
    """Runs a UserStepDecorator, or a generator, around a step. A StepMutator has done its work before."""

    name: ClassVar[str] = "user"
    allow_multiple = True
    #: Inside all others: retries, timeouts and @catch are around the user's code, too.
    order = 1000

    def __init__(self, spec: DecoratorSpec) -> None:
        # Not the base's: any arguments are for init().
        self.spec = with_object(spec)
        vars(self)["name"] = spec.name
        self.attributes = dict(spec.attributes)
        self._object: UserDecorator = self.spec.target

    def files(self) -> Iterable[tuple[str, str]]:
        """What ``add_to_package`` gives."""
        return _files(self.spec, self._object.add_to_package())

    def around(self, run: Callable[[], None], context: TaskContext) -> None:
        """Run the step as the decorator says."""
        # Each attempt begins with the object as init() left it.
        decorator = copy(self._object)
        if not isinstance(decorator, UserStepDecorator):
            run()
            return
        around = _Around(self.spec, run, context)
        try:
            around.by_generator(decorator) if isinstance(decorator, GeneratorDecorator) else around.by_class(decorator)
        except BaseException as error:
            context.raised = error
            raise
        # An exception that was handled here is the user's own affair: the step went well.
        context.raised = None


class UserFlowDecorator(FlowDecorator):
    """Stands for a FlowMutator, which has done its work before."""

    name: ClassVar[str] = "user"
    allow_multiple = True

    def __init__(self, spec: DecoratorSpec) -> None:
        self.spec = with_object(spec)
        vars(self)["name"] = spec.name
        self.attributes = dict(spec.attributes)

    def files(self) -> Iterable[tuple[str, str]]:
        """What ``add_to_package`` gives."""
        return _files(self.spec, self.spec.target.add_to_package())


class _Around:
    """One attempt."""

    def __init__(self, spec: DecoratorSpec, run: Callable[[], None], context: TaskContext) -> None:
        self._spec = spec
        self._run = run
        self._context = context
        self._arguments = (context.spec.step, context.flow, context.inputs)

    def by_class(self, decorator: UserStepDecorator) -> None:
        """``pre_step``, the step, ``post_step``."""
        plan = _Plan(decorator.pre_step(*self._arguments))
        if decorator.skip_step:
            plan = _Plan(skip=dict(decorator.skip_step) if isinstance(decorator.skip_step, dict) else {})
        error, going = self._inside(plan)
        self._finish(error, going, decorator.post_step(*self._arguments[:2], error))

    def by_generator(self, decorator: GeneratorDecorator) -> None:
        """What stands before the ``yield``, the step, the rest."""
        generator = decorator.start(*self._arguments)
        try:
            plan = self._yielded(next(generator))
        except StopIteration:
            self._finish(None, {}, None)
            return
        try:
            error, going = self._inside(plan)
        except BaseException:
            generator.close()
            raise
        self._finish(error, going, self._resume(generator, error))

    def _yielded(self, value: Any) -> _Plan:
        if value is None:
            return _Plan()
        if isinstance(value, dict):
            return _Plan(skip=dict(value))
        if callable(value):
            return _Plan(value)
        raise InvalidDecorator(
            f"{self._spec.origin}: @{self._spec.name} yields {value!r}; it may yield nothing, a function, or a dict"
        )

    def _resume(self, generator: Generator[Any, None, Any], error: BaseException | None) -> Any:
        try:
            generator.send(None) if error is None else generator.throw(error)
        except StopIteration as stop:
            return stop.value
        generator.close()
        raise InvalidDecorator(f"{self._spec.origin}: @{self._spec.name} yields twice; it must yield once")

    def _inside(self, plan: _Plan) -> tuple[BaseException | None, dict[str, Any] | None]:
        """Run what the decorator is around: its exception, and arguments of ``self.next`` if it must be called."""
        try:
            if plan.skip is not None:
                return None, plan.skip
            if plan.replacement is None:
                self._run()
                return None, None
            inputs = () if self._context.inputs is None else (self._context.inputs,)
            return None, self._next_arguments(plan.replacement(self._context.flow, *inputs))
        except _HANDLED as error:
            return error, None

    def _finish(self, error: BaseException | None, going: dict[str, Any] | None, result: Any) -> None:
        """Go on as the decorator says at its end."""
        remaining: Any = result
        if isinstance(result, tuple):
            if len(result) != 2:
                self._refuse(result)
            remaining, arguments = result
            changed = self._next_arguments(arguments)
            going = going if changed is None else changed
        if isinstance(remaining, BaseException):
            raise remaining
        if remaining is not None:
            self._refuse(result)
        if going is not None:
            record_in_place(self._context.flow, going, f"@{self._spec.name}")
        elif error is not None and not self._has_gone_on():
            record_in_place(self._context.flow, {}, f"@{self._spec.name}")

    def _next_arguments(self, value: Any) -> dict[str, Any] | None:
        """From what a replacement or ``post_step`` returned; None if ``self.next`` was called."""
        if value is None or value is False:
            return None
        if value is True:
            return {}
        if not isinstance(value, dict):
            self._refuse(value)
        return dict(value)

    def _has_gone_on(self) -> bool:
        binding = binding_of(self._context.flow)
        return binding is not None and binding.next_call is not None

    def _refuse(self, value: Any) -> NoReturn:
        raise InvalidDecorator(
            f"{self._spec.origin}: @{self._spec.name} returned {value!r}; it may return nothing, an exception, or a "
            "tuple of that and of a dict of arguments for self.next"
        )


def _files(spec: DecoratorSpec, given: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for one in given:
        if not isinstance(one, tuple) or len(one) not in (2, 3) or one[1] is None:
            raise InvalidDecorator(
                f"{spec.origin}: add_to_package of @{spec.name} gives {one!r}, not (path, name in the package)"
            )
        yield str(one[0]), str(one[1])
