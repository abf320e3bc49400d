"""One flow, compiled: its graph, decorators and parameters, and everything that is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import attrs

from flowkit.authoring.constants import class_constants
from flowkit.authoring.parameters import Parameter
from flowkit.compile.decorators import Resolver, decorated_non_steps, with_added
from flowkit.compile.graph_builder import flow_file, read_graph
from flowkit.compile.graph_checks import graph_problems
from flowkit.compile.parameter_checks import parameter_problems
from flowkit.compile.prepare import FlowConfig, PreparedFlow, prepare_flow
from flowkit.compile.problems import located
from flowkit.compile.serializer_checks import serializer_problems
from flowkit.compile.split_checks import undecorated_parallel_steps
from flowkit.errors import GraphError, InvalidDecorator
from flowkit.interfaces.flow_decorator import FlowDecorator
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.model.graph import DecoratorSpec, Graph
from flowkit.model.problem import Problem

if TYPE_CHECKING:
    from flowkit.kernel.registry import Registry

__all__ = ["CompiledFlow", "check", "compile_flow"]


@attrs.frozen
class CompiledFlow:
    """All that is known of a flow before it runs."""

    flow_class: type[Any]
    name: str
    #: The file of the class, absolute; empty where there is none.
    file: str
    graph: Graph
    #: By step, as written from the top, those of ``--with`` after them.
    step_decorators: Mapping[str, tuple[StepDecorator, ...]]
    flow_decorators: tuple[FlowDecorator, ...]
    parameters: tuple[Parameter, ...]
    #: Class-level constants, by name.
    constants: Mapping[str, Any]
    problems: tuple[Problem, ...]
    configs: tuple[FlowConfig, ...] = ()
    #: Attributes of the configurations and parameters: what a run is given.
    given_names: tuple[str, ...] = attrs.field(init=False)
    #: Artifacts of a run that no step can assign to: those, constants, and the graph's facts.
    read_only_names: frozenset[str] = attrs.field(init=False)

    @given_names.default
    def _given_names(self) -> tuple[str, ...]:
        configs = [config.attribute for config in self.configs]
        return (*configs, *(parameter.attribute for parameter in self.parameters))

    @read_only_names.default
    def _read_only_names(self) -> frozenset[str]:
        return frozenset(("_graph_info", *self.constants, *self.given_names))

    @classmethod
    def by_name(cls, flow_class: type[Any]) -> Self:
        """Name and file of a flow alone: enough to read its runs, and to read them before it can be compiled."""
        name, file = flow_class.__name__, flow_file(flow_class)
        return cls(flow_class, name, file, Graph(name, file, {}, "", ""), {}, (), (), {}, ())


def compile_flow(
    flow_class: type[Any], registry: Registry, decospecs: Sequence[str] = (), prepared: PreparedFlow | None = None
) -> CompiledFlow:
    """Compile a flow. What is wrong with it is in ``problems``, all of it; nothing of that is raised.

    Parameters
    ----------
    decospecs
        Decorators for all steps that don't have them, as ``--with`` takes them.
    prepared
        The flow with its configurations; without it, they have their defaults.
    """
    prepared = prepared or prepare_flow(flow_class, registry)
    source = read_graph(flow_class)
    problems = list(graph_problems(source))
    if prepared.config_error is not None:
        problems.append(located(prepared.config_error.message, "", "bad-configuration"))
    draft = prepared.draft.copy()
    resolver = Resolver(registry)
    added = resolver.known(_parse(decospecs, problems))
    for step, specs in draft.steps.items():
        draft.steps[step] = with_added(specs, added)
    if draft.has_users() and prepared.config_error is None:
        from flowkit.compile.mutation import run_mutate

        run_mutate(draft)
    decorators = {node.name: resolver.of_step(node.name, draft.steps[node.name]) for node in source.graph}
    nodes = {
        name: attrs.evolve(node, decorators=_shown(draft.steps[name], decorators[name]))
        for name, node in source.graph.nodes.items()
    }
    graph = attrs.evolve(source.graph, nodes=nodes)
    flow_decorators = resolver.of_flow(draft.own, draft.inherited)
    parameters = prepared.parameters
    problems += draft.problems
    problems += resolver.problems
    problems += decorated_non_steps(flow_class)
    problems += parameter_problems(parameters)
    problems += undecorated_parallel_steps(graph, decorators)
    for step, of_step in decorators.items():
        problems += [problem for decorator in of_step for problem in decorator.check(graph, step)]
    problems += [problem for decorator in flow_decorators for problem in decorator.check(graph)]
    problems += serializer_problems(flow_decorators, registry)
    problems += serializer_problems([one for of_step in decorators.values() for one in of_step], registry)
    for decorator in flow_decorators:
        problems += decorator.check_parameters([parameter.spec() for parameter in parameters])
    problems += registry.hook.flowkit_check_graph(graph=graph)
    return CompiledFlow(
        flow_class=flow_class,
        name=graph.name,
        file=graph.file,
        graph=graph,
        step_decorators=decorators,
        flow_decorators=flow_decorators,
        parameters=parameters,
        constants=class_constants(flow_class),
        problems=_in_order(problems),
        configs=prepared.configs,
    )


def check(compiled: CompiledFlow) -> None:
    """Raise GraphError if there is any problem; its message has each on a line of its own."""
    if compiled.problems:
        count = len(compiled.problems)
        lines = "\n".join(f"  {_near(problem)}" for problem in compiled.problems)
        raise GraphError(f"{compiled.name} has {count} problem{'' if count == 1 else 's'}:\n{lines}")


def _near(problem: Problem) -> Problem:
    """The problem, its file as it is called from the working folder, if it is there or below."""
    folder = os.getcwd().rstrip("/") + "/"
    return attrs.evolve(problem, file=problem.file.removeprefix(folder))


def _parse(decospecs: Sequence[str], problems: list[Problem]) -> list[DecoratorSpec]:
    if not decospecs:
        return []
    from flowkit.compile.decospecs import parse_decospec

    found: list[DecoratorSpec] = []
    for text in decospecs:
        try:
            found.append(parse_decospec(text))
        except InvalidDecorator as error:
            problems.append(located(error.message, "", "bad-decospec"))
    return found


def _shown(specs: Sequence[DecoratorSpec], decorators: Sequence[StepDecorator]) -> tuple[DecoratorSpec, ...]:
    """A step's decorators as others may see them: no secret passes on from here."""
    shown = {id(decorator.spec): decorator.shown() for decorator in decorators}
    return tuple(shown.get(id(spec), spec) for spec in specs)


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """By file and line, each once (``--with`` repeats one for every step)."""
    unique = {(problem.file, problem.line, problem.message): problem for problem in problems}
    return tuple(sorted(unique.values(), key=lambda problem: (problem.file, problem.line)))
