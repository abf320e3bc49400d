"""What decorators make of a flow's tasks, and of all of it the plan that deployers compile from."""

from __future__ import annotations

import attrs

from flowkit.compile.compiler import CompiledFlow
from flowkit.model.plan import Attempts, Plan, StepPlan
from flowkit.model.task import RunSpec, StoreRef, TaskSpec

__all__ = ["attempts_of", "make_plan", "plan_task"]


def attempts_of(compiled: CompiledFlow, step: str) -> Attempts:
    """How often a step is tried: the most that any of its decorators asks for."""
    asked = [decorator.attempts() for decorator in compiled.step_decorators.get(step, ())]
    return Attempts(
        retries=max((one.retries for one in asked), default=0),
        fallbacks=max((one.fallbacks for one in asked), default=0),
        delay_seconds=max((one.delay_seconds for one in asked), default=0),
    )


def plan_task(compiled: CompiledFlow, spec: TaskSpec) -> TaskSpec:
    """One attempt, as the decorators of its step want it."""
    decorators = compiled.step_decorators.get(spec.step, ())
    attempts = attempts_of(compiled, spec.step)
    spec = attrs.evolve(
        spec,
        user_attempts=1 + attempts.retries,
        fallback_attempts=attempts.fallbacks,
        retry_delay_seconds=attempts.delay_seconds,
        fork_safe=spec.fork_safe and all(decorator.fork_safe for decorator in decorators),
    )
    for decorator in decorators:
        spec = decorator.plan(spec)
    return spec


def make_plan(compiled: CompiledFlow) -> Plan:
    """The plan of a flow without problems."""
    nowhere = StoreRef("", "")
    run = RunSpec(compiled.name, compiled.file, "", nowhere, nowhere, "")
    steps: dict[str, StepPlan] = {}
    for node in compiled.graph:
        spec = plan_task(compiled, TaskSpec(run, node.name, ""))
        steps[node.name] = StepPlan(
            node=node,
            attempts=attempts_of(compiled, node.name),
            timeout_seconds=spec.timeout_seconds,
            variables=spec.variables,
            resources=spec.resources,
            backend=spec.backend,
            extra=spec.extra,
        )
    return Plan(
        name=compiled.name,
        file=compiled.file,
        doc=compiled.graph.doc,
        graph=compiled.graph,
        steps=steps,
        parameters=tuple(parameter.spec() for parameter in compiled.parameters),
        decorators=tuple(decorator.shown() for decorator in compiled.flow_decorators),
    )
