"""Finds the values of a flow's configurations, once, on the launching side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.authoring.config import ConfigDefinition
from flowkit.authoring.config_parsing import checked_mapping, parse_config
from flowkit.authoring.config_value import plain_value
from flowkit.errors import ConfigurationError, FlowkitError

if TYPE_CHECKING:
    from flowkit.authoring.parameters import ParameterContext
    from flowkit.kernel.registry import Registry

__all__ = ["ConfigSource", "resolve_configs"]


@attrs.frozen
class ConfigSource:
    """Where values come from. All are by the configurations' names."""

    #: Files given by the user.
    files: Mapping[str, str] = attrs.field(factory=dict)
    #: Texts given by the user.
    texts: Mapping[str, str] = attrs.field(factory=dict)
    #: Values of the run that a task belongs to, or that is resumed: nothing is read again.
    stored: Mapping[str, Any] = attrs.field(factory=dict)
    #: Name of the datastore, for default functions.
    datastore: str = "local"


def resolve_configs(
    flow_name: str, definitions: Sequence[ConfigDefinition], source: ConfigSource, registry: Registry
) -> dict[str, Any]:
    """The values, by name: dicts, what a plain configuration's parser made, or None where there is none.

    Raises
    ------
    ConfigurationError
        That lists all that is wrong, each with the configuration's name.
    """
    faults = [*_unknown(flow_name, definitions, source), *_doubles(definitions, source)]
    values: dict[str, Any] = {}
    for definition in definitions:
        try:
            values[definition.name] = _value(flow_name, definition, source, registry)
        except ConfigurationError as error:
            faults.append(error.message)
    if faults:
        raise ConfigurationError("; ".join(dict.fromkeys(faults)))
    return values


def _unknown(flow_name: str, definitions: Sequence[ConfigDefinition], source: ConfigSource) -> list[str]:
    from difflib import get_close_matches

    names = [definition.name for definition in definitions]
    faults = []
    for name in (*source.files, *source.texts):
        if name not in names:
            close = get_close_matches(name, names, 3)
            hint = f"did you mean {' or '.join(close)}?" if close else f"it has: {', '.join(names) or 'none'}"
            faults.append(f"{flow_name} has no configuration {name!r}; {hint}")
    return faults


def _doubles(definitions: Sequence[ConfigDefinition], source: ConfigSource) -> list[str]:
    faults = [
        f"the configuration {name!r} is given both as a file and as a value; give one"
        for name in source.files
        if name in source.texts
    ]
    seen: dict[str, ConfigDefinition] = {}
    for definition in definitions:
        if definition.name in seen:
            before = seen[definition.name].origin
            faults.append(f"{definition.origin}: the configuration {definition.name!r} is there already, at {before}")
        seen[definition.name] = definition
    return faults


def _value(flow_name: str, definition: ConfigDefinition, source: ConfigSource, registry: Registry) -> Any:
    name = definition.name
    if name in source.stored:
        return source.stored[name]
    if name in source.files:
        return _plain(definition, _read(definition, source.files[name], registry, ""))
    if name in source.texts:
        return _plain(definition, parse_config(definition, source.texts[name], registry))
    context = partial(_context, flow_name, definition, source, registry)
    if definition.default is not None:
        path = _computed(definition, definition.default, context)
        return None if path is None else _plain(definition, _read(definition, path, registry, "default "))
    if definition.default_value is not None:
        value = _computed(definition, definition.default_value, context)
        return _plain(definition, _given(definition, value, registry))
    if definition.required:
        raise ConfigurationError(
            f"the configuration {name!r} is required; give --config {name} FILE or --config-value {name} TEXT"
        )
    return None


def _read(definition: ConfigDefinition, path: Any, registry: Registry, kind: str) -> Any:
    import os

    try:
        file = os.fspath(path)
        with open(file, encoding="utf-8") as stream:
            text = stream.read()
    except (OSError, TypeError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        where = f" (from {os.getcwd()})" if isinstance(path, str) and not os.path.isabs(path) else ""
        raise ConfigurationError(
            f"the configuration {definition.name!r}: its {kind}file {str(path)!r} can't be read: {reason}{where}"
        ) from None
    return parse_config(definition, text, registry, file=str(file))


def _given(definition: ConfigDefinition, value: Any, registry: Registry) -> Any:
    """A default value: a text is parsed, all else is taken as it is, by way of the parser if there is one."""
    if isinstance(value, str):
        return parse_config(definition, value, registry)
    if value is None:
        return None
    if isinstance(value, Mapping) and (definition.plain or definition.parser is not None):
        import json

        # What a parser is given is the text that the command line would have been given.
        return parse_config(definition, json.dumps(plain_value(value)), registry)
    return value if definition.plain else checked_mapping(definition, value, "its default value is of type")


def _computed(definition: ConfigDefinition, default: Any, context: Callable[[], ParameterContext]) -> Any:
    if not callable(default):
        return default
    try:
        return default(context())
    except FlowkitError:
        raise
    except Exception as error:
        what = getattr(default, "__name__", repr(default))
        raise ConfigurationError(
            f"the configuration {definition.name!r}: its default function {what!r} raised "
            f"{type(error).__name__}: {error} ({definition.origin})"
        ) from error


def _context(
    flow_name: str, definition: ConfigDefinition, source: ConfigSource, registry: Registry
) -> ParameterContext:
    from flowkit.authoring.parameters import ParameterContext

    user = registry.hook.flowkit_username(settings=registry.settings)
    return ParameterContext(flow_name, str(user), definition.name, ds_type=source.datastore)


def _plain(definition: ConfigDefinition, value: Any) -> Any:
    """As it is stored: dicts are plain ones, and nobody else's."""
    return value if definition.plain else plain_value(value)
