"""Makes a flow ready to be compiled: its configurations get values, and its mutators a first go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.authoring.config import VALUES, ConfigDefinition, configs_of, shown_value
from flowkit.authoring.config_expressions import ConfigScope
from flowkit.authoring.parameters import Parameter, parameters_of
from flowkit.compile.class_changes import restore_class
from flowkit.compile.draft import FlowDraft
from flowkit.compile.problems import located
from flowkit.errors import ConfigurationError, FlowkitError

if TYPE_CHECKING:
    from flowkit.authoring.config_resolution import ConfigSource
    from flowkit.kernel.registry import Registry

__all__ = ["FlowConfig", "PreparedFlow", "prepare_flow"]


@attrs.frozen
class FlowConfig:
    """A configuration with its value."""

    definition: ConfigDefinition
    #: As it is stored: a dict, what a plain configuration's parser made, or None.
    value: Any

    @property
    def attribute(self) -> str:
        """Name of the attribute and artifact."""
        return self.definition.attribute


@attrs.frozen
class PreparedFlow:
    """A flow with configurations. Its class must not be prepared again before this one was compiled."""

    flow_class: type[Any]
    configs: tuple[FlowConfig, ...]
    #: With the configurations' values in their arguments.
    parameters: tuple[Parameter, ...]
    draft: FlowDraft
    #: Why the configurations have no values; None if they have.
    config_error: ConfigurationError | None = None

    def config_values(self) -> dict[str, Any]:
        """Values by the configurations' names, for a ParameterContext."""
        return {config.definition.name: config.value for config in self.configs}


def prepare_flow(flow_class: type[Any], registry: Registry, source: ConfigSource | None = None) -> PreparedFlow:
    """Find the configurations' values, and run ``pre_mutate``. What is wrong is told by the result; nothing is raised.

    A class can be prepared again, with other values: what mutators changed in it is undone first.

    Parameters
    ----------
    source
        Where values come from; the defaults alone, if it isn't given.
    """
    restore_class(flow_class)
    configs, error = _configs(flow_class, registry, source)
    shown = {config.attribute: shown_value(config.definition, config.value) for config in configs}
    by_name = {config.definition.name: shown[config.attribute] for config in configs}
    if configs or VALUES in vars(flow_class):
        setattr(flow_class, VALUES, shown if error is None else {})
    scope = ConfigScope(by_name, shown)
    draft = FlowDraft.of(flow_class, registry, scope, is_known=error is None)
    if error is None and draft.has_users():
        from flowkit.compile.mutation import run_pre_mutate

        run_pre_mutate(draft)
    parameters = tuple(_parameter(parameter, draft, error is None) for parameter in parameters_of(flow_class))
    return PreparedFlow(flow_class, configs, parameters, draft, error)


def _configs(
    flow_class: type[Any], registry: Registry, source: ConfigSource | None
) -> tuple[tuple[FlowConfig, ...], ConfigurationError | None]:
    definitions = configs_of(flow_class)
    if not definitions and not (source and (source.files or source.texts)):
        return (), None
    from flowkit.authoring.config_resolution import ConfigSource, resolve_configs

    error: ConfigurationError | None = None
    values: Mapping[str, Any] = {}
    try:
        values = resolve_configs(flow_class.__name__, definitions, source or ConfigSource(), registry)
    except ConfigurationError as found:
        error = found
    except FlowkitError as found:
        error = ConfigurationError(found.message)
    return tuple(FlowConfig(definition, values.get(definition.name)) for definition in definitions), error


def _parameter(parameter: Parameter, draft: FlowDraft, is_known: bool) -> Parameter:
    try:
        return parameter.resolved(draft.scope)
    except FlowkitError as error:
        if is_known:
            origin = f"{parameter.file}:{parameter.line}"
            text = f"parameter {parameter.name!r}: {error.message}"
            draft.problems.append(located(text, origin, "bad-config-expression"))
        return parameter.unresolved()
