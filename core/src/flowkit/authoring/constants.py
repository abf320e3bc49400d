"""Class-level constants of a flow: artifacts of every task that none may assign to."""

from __future__ import annotations

from collections.abc import Collection
from types import FunctionType, MethodType, ModuleType
from typing import Any

from flowkit.authoring.bound import binding_of

__all__ = ["class_constants", "guard_constants", "read_only_error"]

#: Set on a class so that the names in its body (and its bases') are its own API, not a flow's.
API_MARK = "__flowkit_api__"
#: Set on a class: the names that were guarded last.
_GUARDED = "__flowkit_guarded__"


class _Constant:
    """A constant while its flow runs: a data descriptor, so that an instance's value is the run's, and stays."""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        binding = None if instance is None else binding_of(instance)
        if binding is None or self.name not in binding.read_only or self.name not in binding.names():
            return self.value
        return binding.constant(self.name)

    def __set__(self, instance: Any, value: Any) -> None:
        raise read_only_error(type(instance).__name__, self.name, "a class-level constant")


def read_only_error(flow: str, name: str, what: str = "a parameter, a configuration or a class-level constant") -> Any:
    """The error of an assignment to a read-only artifact."""
    return AttributeError(
        f"{flow}.{name} is {what}, the same in every task, and can't be set; assign to an attribute of another name"
    )


def class_constants(flow_class: type[Any]) -> dict[str, Any]:
    """Names and values of the attributes that ``flow_class`` and its bases define as plain values, by name.

    Not those that begin with an underscore, nor functions, classes, modules, properties or other descriptors.
    """
    found: dict[str, Any] = {}
    for base in reversed(flow_class.__mro__):
        if API_MARK in vars(base) or base is object:
            continue
        for name, value in vars(base).items():
            if name.startswith("_"):
                continue
            if isinstance(value, _Constant):
                found[name] = value.value
            elif isinstance(value, type | FunctionType | MethodType | ModuleType) or hasattr(type(value), "__get__"):
                found.pop(name, None)
            else:
                found[name] = value
    return found


def guard_constants(flow_class: type[Any], names: Collection[str]) -> None:
    """Make instances of ``flow_class`` refuse assignments to those of ``names`` that are constants of the class."""
    if vars(flow_class).get(_GUARDED) is names:
        return
    for name, value in class_constants(flow_class).items():
        if name in names and not isinstance(vars(flow_class).get(name), _Constant):
            setattr(flow_class, name, _Constant(name, value))
    setattr(flow_class, _GUARDED, names)
