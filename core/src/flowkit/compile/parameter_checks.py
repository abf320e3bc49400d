"""What can be wrong with a flow's parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any

from flowkit.authoring.flowspec import api_names
from flowkit.authoring.parameters import Parameter
from flowkit.errors import ParameterError
from flowkit.model.problem import Problem

__all__ = ["RESERVED", "has_bad_name", "parameter_problems"]

#: Options of the commands that take parameters, and names that they use.
RESERVED = frozenset(
    {
        "config",
        "config_value",
        "datastore",
        "datastore_root",
        "decospecs",
        "environment",
        "event_logger",
        "help",
        "max_log_size",
        "max_num_splits",
        "max_workers",
        "metadata",
        "monitor",
        "namespace",
        "no_plugin",
        "obj",
        "origin_run_id",
        "params",
        "quiet",
        "run_id",
        "run_id_file",
        "runner_attribute_file",
        "step_to_rerun",
        "tag",
        "tags",
        "task_id",
        "task_start",
        "user_namespace",
        "verbose",
        "with",
    }
)


def has_bad_name(parameter: Parameter) -> bool:
    """Whether no option can have the parameter's name."""
    name: Any = parameter.name
    return not isinstance(name, str) or not name.replace("-", "_").isidentifier()


def parameter_problems(parameters: Sequence[Parameter]) -> Iterator[Problem]:
    """All problems of a flow's parameters."""
    seen: dict[str, Parameter] = {}
    for parameter in parameters:
        for code, message in _faults(parameter):
            yield _problem(parameter, code, message)
        if has_bad_name(parameter):
            continue
        key = parameter.option_key
        if key in seen:
            yield _problem(
                parameter,
                "duplicate-parameter",
                f"the name is taken by the parameter {seen[key].name!r} at {seen[key].file}:{seen[key].line}; "
                "upper and lower case, - and _ make no difference",
            )
        seen.setdefault(key, parameter)


def _problem(parameter: Parameter, code: str, message: str) -> Problem:
    return Problem(f"parameter {parameter.name!r}: {message}", parameter.file, parameter.line, code=code)


def _faults(parameter: Parameter) -> Iterator[tuple[str, str]]:
    if has_bad_name(parameter):
        yield "bad-parameter-name", "a name is of letters, digits, - and _, and doesn't begin with a digit"
        return
    if parameter.option_key in RESERVED:
        yield "reserved-parameter", "the name is an option of FlowKit's own; choose another"
    if parameter.attribute in api_names():
        yield "reserved-parameter", f"self.{parameter.attribute} is FlowKit's own; give the attribute another name"
    for field in ("show_default", "separator", "required"):
        if callable(getattr(parameter, field)):
            yield "bad-parameter", f"{field} can't be a function"
    if parameter.separator is not None and parameter.value_type is not str:
        yield "bad-parameter", "separator splits texts: the type must be str"
    yield from _default_faults(parameter)


def _default_faults(parameter: Parameter) -> Iterator[tuple[str, str]]:
    default = parameter.default
    if default is None or callable(default):
        return
    if parameter.kind == "file" and isinstance(default, str | PathLike):
        return  # a run may be given another file, and then this one need not be there
    if parameter.multiple and not isinstance(default, list | tuple):
        yield "bad-parameter", "with multiple, the default must be a list or a tuple"
        return
    try:
        parameter.convert(default)
    except ParameterError as error:
        yield "bad-default", f"its default doesn't fit: {error.message.removeprefix(f'parameter {parameter.name!r}: ')}"
