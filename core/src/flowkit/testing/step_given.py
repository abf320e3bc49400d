"""What a run of the flow would be given: configurations, parameters, constants and the graph's facts, by attribute."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike, fspath
from typing import Any

from flowkit.authoring.config import configs_of
from flowkit.authoring.config_resolution import ConfigSource
from flowkit.authoring.config_value import ConfigValue
from flowkit.authoring.include_file import IncludedFile
from flowkit.authoring.parameter_types import JSONTypeClass
from flowkit.authoring.parameters import Parameter, ParameterContext
from flowkit.compile.compiler import CompiledFlow
from flowkit.compile.graph_info import graph_info
from flowkit.engine.included_files import store_file
from flowkit.engine.session import Session
from flowkit.errors import CommandError, ParameterError

__all__ = ["checked_parameters", "config_source", "given_values"]


def config_source(flow_class: type[Any], configs: Mapping[str, Any]) -> ConfigSource:
    """Where the configurations' values come from: a path is read, a text parsed, all else is the value itself.

    Parameters
    ----------
    configs
        By the configurations' names, or by the names of their attributes.
    """
    names = {one.attribute: one.name for one in configs_of(flow_class)}
    by_name = {names.get(name, name): value for name, value in configs.items()}
    files = {name: fspath(value) for name, value in by_name.items() if isinstance(value, PathLike)}
    texts = {name: value for name, value in by_name.items() if isinstance(value, str)}
    known = set(names.values())
    # Names of no configuration are told as those of the command line are.
    texts |= {name: "" for name in by_name if name not in known and name not in files}
    stored = {name: value for name, value in by_name.items() if name not in files and name not in texts}
    return ConfigSource(files, texts, stored)


def checked_parameters(compiled: CompiledFlow, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the names of the parameters' attributes, as a run has them that is given these.

    Texts are converted as those of the command line are, other values as Runner's keywords: what is None isn't given.

    Raises
    ------
    CommandError
        If the flow has no such parameter.
    ParameterError
        If a value isn't one of the parameter's type.
    """
    known: dict[str, Parameter] = {}
    for parameter in compiled.parameters:
        known |= {parameter.attribute: parameter, parameter.name: parameter, parameter.option_key: parameter}
    found: dict[str, Any] = {}
    for name, value in parameters.items():
        if name not in known:
            names = ", ".join(parameter.attribute for parameter in compiled.parameters) or "none"
            raise CommandError(f"{compiled.name} has no parameter {name!r}; it has: {names}")
        parameter = known[name]
        if value is not None and not (parameter.multiple and _is_list(value) and not value):
            found[parameter.attribute] = parameter.convert(_given(parameter, value))
    return found


def _given(parameter: Parameter, value: Any) -> Any:
    """What :meth:`Parameter.convert` is to be given for a value that may be no text."""
    if parameter.multiple:
        if not isinstance(value, str) and not _is_list(value):
            raise ParameterError(f"parameter {parameter.name!r} takes several values: give a list, not {value!r}")
        return value if isinstance(value, str) else [_one_given(parameter, one) for one in value]
    return _one_given(parameter, value)


def _one_given(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, str):
        return value
    kind = parameter.value_type
    if isinstance(kind, JSONTypeClass):
        return _through_json(parameter, value)
    if kind is str and _is_list(value) and parameter.separator:
        return parameter.separator.join(str(one) for one in value)
    # Such a value has no text of its own that a command line could have.
    return json.dumps(value) if kind is str and (_is_list(value) or isinstance(value, Mapping)) else value


def _through_json(parameter: Parameter, value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise ParameterError(f"parameter {parameter.name!r}: {value!r} can't be said in JSON ({error})") from None


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def given_values(compiled: CompiledFlow, given: Mapping[str, Any], session: Session) -> dict[str, Any]:
    """All of them, by attribute; without the required parameters that have no value.

    Parameters
    ----------
    given
        Values of parameters, by attribute.
    session
        Where files are read to; its datastore is in memory.

    Raises
    ------
    ParameterError
        If a default can't be computed, or a file can't be read.
    """
    values: dict[str, Any] = {one.attribute: one.value for one in compiled.configs}
    for parameter in compiled.parameters:
        if parameter.attribute in given:
            value = given[parameter.attribute]
        elif parameter.required:
            continue
        else:
            value = parameter.evaluate_default(_context(compiled, session, parameter))
        if isinstance(value, IncludedFile):
            entry = store_file(session, parameter.name, parameter.attribute, value)
            value = session.store.load(entry, name=parameter.attribute)
        values[parameter.attribute] = value
    return {**values, **compiled.constants, "_graph_info": graph_info(compiled)}


def _context(compiled: CompiledFlow, session: Session, parameter: Parameter) -> ParameterContext:
    return ParameterContext(
        flow_name=compiled.name,
        user_name=session.username,
        parameter_name=parameter.name,
        configs=ConfigValue({one.definition.name: one.value for one in compiled.configs}),
    )
