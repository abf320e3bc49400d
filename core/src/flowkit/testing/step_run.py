"""Runs one step in this process, for tests of flows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import attrs

from flowkit.artifacts.store import ArtifactStore
from flowkit.authoring.flowspec import FlowSpec
from flowkit.compile.compiler import CompiledFlow, check, compile_flow
from flowkit.compile.plan import plan_task
from flowkit.compile.prepare import prepare_flow
from flowkit.engine.session import Session
from flowkit.errors import CommandError, InvalidNextError, StepTimeout, UnpicklableArtifact
from flowkit.interfaces.flow_decorator import Launch
from flowkit.kernel.registry import Registry
from flowkit.model.task import RunSpec, StoreRef, TaskSpec
from flowkit.settings import Settings
from flowkit.testing.step_artifacts import GivenArtifacts, open_store, temporary_store
from flowkit.testing.step_attempt import JoinedTask, StepAttempt
from flowkit.testing.step_frames import NOT_GIVEN, ForeachLevels, closing_frame, named_inputs
from flowkit.testing.step_given import checked_parameters, config_source, given_values
from flowkit.testing.step_lookup import find_step
from flowkit.testing.step_result import StepResult

__all__ = ["run_step"]

#: What a task's own failures are, which another attempt would only repeat.
_FINAL = (InvalidNextError, UnpicklableArtifact)

#: Artifacts of one task by name, or what another step returned.
Artifacts = Mapping[str, Any] | StepResult


def run_step(
    step: Callable[..., Any] | type[FlowSpec],
    name: str | None = None,
    *,
    inputs: Artifacts | Sequence[Artifacts] | Mapping[str, Artifacts | Sequence[Artifacts]] | None = None,
    parameters: Mapping[str, Any] | None = None,
    configs: Mapping[str, Any] | None = None,
    input: Any = NOT_GIVEN,  # noqa: A002 - a step calls it self.input
    index: int | None = None,
    foreach_stack: Sequence[tuple[int, int | None, Any]] | None = None,
    decorators: bool | Collection[str] = True,
    tags: Collection[str] = (),
    current: Mapping[str, Any] | None = None,
    copy_inputs: bool = True,
    raises: bool = True,
) -> StepResult:
    """Run one step of a flow in this process, with nothing stored anywhere.

    The step sees what a task of it would see: artifacts, parameters, ``current``, ``self.input``, a join's inputs; it
    may not do what a task may not, such as assigning to a parameter. What is kept in storage isn't there: what
    ``current.run`` would read, and what decorators do with stored artifacts (a card isn't rendered). What a decorator
    writes meanwhile goes to a temporary folder that is removed.

    Parameters
    ----------
    step
        The step, as ``MyFlow.train``; or the flow, and the step's ``name``, for one that a flow inherits.
    inputs
        What the step inherits: artifacts by name, or what :func:`run_step` returned for the step before. Of a join:
        a list of such, one for each task that it joins, or a dict of them by the names of the steps before; a join
        must be given them, ``[]`` for none.
    parameters
        Values by name; the others, and those that are None, have their defaults. Texts are converted as those of the
        command line are, and with a separator a list is given as a list. One that is required may be left out if the
        step doesn't ask for it.
    configs
        Values of configurations by name: a text is parsed, a ``Path`` is read, all else is the value itself.
    input, index
        What ``self.input`` and ``self.index`` are in a foreach. Without ``input``, it is that item of the list that the
        foreach iterates over, if ``inputs`` has it; without ``index``, it is 0.
    foreach_stack
        In place of both, what ``self.foreach_stack()`` returns, for nested foreaches.
    decorators
        Whether the step's and the flow's decorators act; or the names of those of the step that do. With ``@retry``
        the step is run again, at once, as often as that says.
    tags
        What ``current.tags`` is.
    current
        More for ``current`` to answer, or something else: ``{"run_id": "7"}``.
    copy_inputs
        Whether the step gets copies of ``inputs``, as a task does. What can't be pickled is passed on as it is anyway.
    raises
        With False, what the step raises is the result's ``exception``.

    Raises
    ------
    GraphError
        If the flow isn't valid.
    CommandError
        If there is no such step, or the arguments don't fit it.
    ParameterError, ConfigurationError
        If a value can't be used, or one that is asked for is missing.
    Exception
        What the step raises, as it is; and what would fail a real task: InvalidNextError, UnpicklableArtifact.

    Examples
    --------
    >>> result = run_step(MyFlow.train, inputs={"rows": [1, 2, 3]}, parameters={"alpha": 0.5})
    >>> result["model"], result.next
    """
    runner = _prepare(*find_step(step, name), configs or {}, decorators, copies=copy_inputs)
    before = runner.inputs(inputs, parameters or {})
    known = before.inherited.values_given
    levels = ForeachLevels(runner.compiled.graph, runner.step, known, item=input, index=index, stack=foreach_stack)
    return runner.run(before, levels, tuple(tags), current or {}, raises=raises)


def _prepare(
    flow_class: type[Any],
    step: str,
    configs: Mapping[str, Any],
    decorators: bool | Collection[str],
    *,
    copies: bool,
) -> _Runner:
    settings = Settings.load()
    compiled, registry = _compiled(flow_class, settings, configs)
    check(compiled)
    if step not in compiled.graph:
        names = ", ".join(node.name for node in compiled.graph)
        raise CommandError(f"{compiled.name} has no step {step!r}; it has: {names}")
    return _Runner(_decorated(compiled, step, decorators), registry, settings, step, copies)


def _compiled(flow_class: type[Any], settings: Settings, configs: Mapping[str, Any]) -> tuple[CompiledFlow, Registry]:
    compiled = CompiledFlow.by_name(flow_class)
    registry = Registry.for_flow(settings, compiled.file) if compiled.file else Registry.discover(settings)
    prepared = prepare_flow(flow_class, registry, config_source(flow_class, configs))
    if prepared.config_error is not None:
        raise prepared.config_error
    # Not those of --with, nor of the user's configuration: a test means what the file says.
    return compile_flow(flow_class, registry, prepared=prepared), registry


def _decorated(compiled: CompiledFlow, step: str, decorators: bool | Collection[str]) -> CompiledFlow:
    """The flow with those decorators of the step that are to act."""
    if decorators is True:
        return compiled
    if decorators is False:
        return attrs.evolve(compiled, step_decorators={}, flow_decorators=())
    found = compiled.step_decorators.get(step, ())
    names = [one.name for one in found]
    if unknown := [name for name in decorators if name not in names]:
        raise CommandError(
            f"step {step!r} has no decorator {unknown[0]!r}; it has: {', '.join(dict.fromkeys(names)) or 'none'}"
        )
    return attrs.evolve(compiled, step_decorators={step: tuple(one for one in found if one.name in decorators)})


@attrs.frozen
class _Before:
    """What the step has before its body runs."""

    inherited: GivenArtifacts
    #: Of a join: the steps, and the artifacts of their tasks.
    joined: list[tuple[str, GivenArtifacts]] | None


@attrs.frozen
class _Runner:
    compiled: CompiledFlow
    registry: Registry
    settings: Settings
    step: str
    copies: bool

    def inputs(self, inputs: Any, parameters: Mapping[str, Any]) -> _Before:
        """What was given, with the flow's parameters, configurations and constants."""
        store = open_store(self.compiled.name, self.registry)
        is_join = self.compiled.graph[self.step].is_join
        tasks = named_inputs(self.compiled.graph, self.step, inputs) if is_join else [("", inputs or {})]
        values = [dict(one.artifacts if isinstance(one, StepResult) else one) for _, one in tasks]
        given = {} if not values else self._of_the_run(values[0])
        given |= checked_parameters(self.compiled, parameters)
        session = Session(self.registry, self.settings, self.compiled)
        vars(session)["datastore"] = store.datastore
        run = given_values(self.compiled, given, session)
        missing = [one.attribute for one in self.compiled.parameters if one.attribute not in run]
        if not is_join:
            return _Before(self._artifacts({**values[0], **run}, store, missing), None)
        joined = [
            (name, self._artifacts({**own, **run}, store, missing))
            for (name, _), own in zip(tasks, values, strict=True)
        ]
        return _Before(self._artifacts(run, store, missing), joined)

    def _of_the_run(self, artifacts: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters among the artifacts of a task before: they are the same in every task."""
        return {
            one.attribute: artifacts[one.attribute] for one in self.compiled.parameters if one.attribute in artifacts
        }

    def _artifacts(self, values: Mapping[str, Any], store: ArtifactStore, missing: list[str]) -> GivenArtifacts:
        return GivenArtifacts(values, store, copies=self.copies, missing=missing)

    def run(
        self,
        before: _Before,
        levels: ForeachLevels,
        tags: tuple[str, ...],
        extras: Mapping[str, Any],
        *,
        raises: bool,
    ) -> StepResult:
        """Run the step until an attempt succeeds, or the last one has failed."""
        with temporary_store() as store:
            spec = TaskSpec(self._run_spec(tags, store), self.step, "1", frames=levels.frames)
            return self._attempts(spec, before, levels, extras, raises=raises)

    def _attempts(
        self, spec: TaskSpec, before: _Before, levels: ForeachLevels, extras: Mapping[str, Any], *, raises: bool
    ) -> StepResult:
        attempt_number = 0
        while True:
            planned = plan_task(self.compiled, attrs.evolve(spec, attempt=attempt_number))
            attempt = StepAttempt(
                planned,
                self.compiled,
                open_store(self.compiled.name, self.registry),
                before.inherited,
                levels,
                self._joined(before, planned, levels),
                extras,
            )
            try:
                return attempt.run()
            except BaseException as error:
                is_own = isinstance(error, Exception | StepTimeout)
                attempt_number += 1
                if is_own and not isinstance(error, _FINAL) and attempt_number < planned.user_attempts:
                    continue
                if raises or not is_own or not attempt.has_begun:
                    raise
                return attrs.evolve(attempt.failed_with(error), attempts=attempt_number)

    def _joined(self, before: _Before, spec: TaskSpec, levels: ForeachLevels) -> list[JoinedTask] | None:
        if before.joined is None:
            return None
        closes = closing_frame(self.compiled.graph, self.step, len(before.joined))
        tasks = []
        for index, (name, artifacts) in enumerate(before.joined):
            frames = spec.frames if closes is None else (*spec.frames, attrs.evolve(closes, index=index))
            find = levels.of_input(artifacts.values_given)
            tasks.append(JoinedTask(name, str(index + 1), artifacts, frames, find))
        return tasks

    def _run_spec(self, tags: tuple[str, ...], store: StoreRef) -> RunSpec:
        username = str(self.registry.hook.flowkit_username(settings=self.settings))
        launch = Launch(self.compiled.flow_class, self.compiled.graph, {}, username, store)
        configured: dict[str, Any] = {}
        for decorator in self.compiled.flow_decorators:
            configured[decorator.name] = {**configured.get(decorator.name, {}), **decorator.configure(launch)}
        return RunSpec(
            flow=self.compiled.name,
            flow_file=self.compiled.file,
            run_id="1",
            datastore=store,
            metadata=store,
            username=username,
            namespace=f"user:{username}",
            tags=tags,
            extra={"flow_decorators": configured},
        )
