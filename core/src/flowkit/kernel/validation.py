"""Checks on plugins: on their modules before they are registered, on providers, and on what providers load."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE
from types import FunctionType, ModuleType
from typing import Any

from pluggy import HookCaller, PluginManager

from flowkit.kernel.kinds import Kind, kind_of
from flowkit.kernel.markers import PROJECT
from flowkit.kernel.plugin_info import BrokenPlugin, FoundPlugin
from flowkit.kernel.provider import Provider

__all__ = ["Fault", "check_loaded", "check_module", "describe_error", "is_own_name", "own_name_fault", "provider_fault"]

#: Types of a provider's fields that are read before it is loaded.
_FIELDS: dict[str, type] = {"name": str, "help": str, "scope": str, "types": tuple, "priority": int, "api_version": int}
#: Kinds whose names users import from flowkit.
_IN_FLOWKIT = frozenset({"exports", "modules", "step_decorators", "flow_decorators"})
#: ``async def``, with and without a ``yield``.
_ASYNC = CO_COROUTINE | CO_ASYNC_GENERATOR


class Fault(Exception):
    """Something is wrong with a plugin: the cause and what mends it, each in one line."""

    def __init__(self, cause: str, mend: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.mend = mend

    @classmethod
    def of(cls, what: str, error: BaseException) -> Fault:
        """The fault that an exception in a plugin's code is."""
        mend = "mend the plugin, uninstall it, or leave it out with --no-plugin"
        if isinstance(error, ModuleNotFoundError) and error.name:
            mend = f"install what provides the module {error.name!r}, or leave the plugin out with --no-plugin"
        return cls(f"{what}: {describe_error(error)}", mend)

    def broken(self, plugin: FoundPlugin, *, unusable: bool = True) -> BrokenPlugin:
        """The plugin, as one that has this fault."""
        return BrokenPlugin(plugin, self.cause, self.mend, unusable)


def describe_error(error: BaseException) -> str:
    """Type, message and the innermost place of an exception, in one line."""
    text = " ".join(str(error).split()) or "no message"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<frozen"):
        place = f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    return f"{type(error).__name__}: {text}{place}"


def check_module(manager: PluginManager, module: ModuleType) -> None:
    """Check a plugin's functions named ``flowkit_…`` against the hooks. Raises Fault."""
    hooks = {name: caller for name, caller in vars(manager.hook).items() if isinstance(caller, HookCaller)}
    for attribute, value in list(vars(module).items()):
        # Functions only: asking other objects for an attribute may run their code (flowkit itself looks for plugins).
        if not isinstance(value, FunctionType):
            continue
        options = getattr(value, f"{PROJECT}_impl", None)
        if isinstance(options, dict):
            _check_implementation(hooks, options.get("specname") or attribute, value, options)
        elif attribute in hooks and value.__module__ == module.__name__:
            raise Fault(f"{attribute} in {module.__name__} isn't marked", "put @hookimpl above it")


def _check_implementation(
    hooks: Mapping[str, HookCaller], name: str, function: FunctionType, options: Mapping[str, Any]
) -> None:
    if options.get("hookwrapper") or options.get("wrapper"):
        raise Fault(f"{name} is a hook wrapper", "FlowKit's hooks take none: make it a plain @hookimpl")
    if name not in hooks:
        if options.get("optionalhook"):
            return
        from difflib import get_close_matches

        close = get_close_matches(name, sorted(hooks), 1)
        meant = f"did you mean {close[0]}? " if close else ""
        mend = f"{meant}mark it @hookimpl(optionalhook=True) if another plugin opens it"
        raise Fault(f"FlowKit has no hook {name}", mend)
    spec = hooks[name].spec
    # Hooks that a plugin has opened are called by that plugin, as it likes.
    is_core = spec is not None and spec.function.__module__.startswith("flowkit.kernel.hookspecs.")
    if is_core and function.__code__.co_flags & _ASYNC:
        raise Fault(f"{name} is an async function", "make it a plain one: nothing waits for what it would do")
    code, defaults = function.__code__, function.__defaults__ or ()
    required = code.co_varnames[: code.co_argcount - len(defaults)]
    if spec is not None and (unknown := [argument for argument in required if argument not in spec.argnames]):
        offered = ", ".join(spec.argnames) or "none"
        raise Fault(f"{name} has no argument {unknown[0]!r}", f"take what it has, by name: {offered}")


def provider_fault(provider: Any) -> Fault | None:
    """What is wrong with what a hook gave as a provider; None if nothing is."""
    if not isinstance(provider, Provider) or not provider.name or not callable(provider.load):
        return Fault(f"it offers {provider!r}, which isn't a Provider", "yield Provider(name, load, help=...)")
    for field, wanted in _FIELDS.items():
        value = getattr(provider, field)
        if not isinstance(value, wanted) or isinstance(value, bool):
            cause = f"it offers {provider.name!r}, whose {field} is {value!r}"
            return Fault(cause, f"a provider's {field} is of type {wanted.__name__}")
    return None


def own_name_fault(kind: str, name: str) -> Fault | None:
    """What is wrong with a plugin's name of ``kind``, if that is for users to import from ``flowkit``, and can't be."""
    if kind not in _IN_FLOWKIT or not is_own_name(name):
        return None
    return Fault(f"it offers the {kind_of(kind).noun} {name!r}, but flowkit.{name} is FlowKit's own", "rename it")


def is_own_name(name: str) -> bool:
    """Whether ``flowkit.NAME`` is the core's: such a name never reaches a plugin."""
    # Not imported by name: it is above this layer, and there already, as the package that this module is in.
    core = sys.modules["flowkit"]
    if name in core.__all__:
        return True
    path = os.path.join(os.path.dirname(str(core.__file__)), *name.split("."))
    return os.path.isfile(f"{path}.py") or os.path.isdir(path)


def check_loaded(kind: Kind, value: Any) -> str | None:
    """What is wrong with a loaded capability, in words that follow "loaded …, which"; None if nothing is."""
    if kind.loads == "class":
        module, _, name = kind.base.partition(":")
        base = getattr(importlib.import_module(module), name)
        if not isinstance(value, type) or not issubclass(value, base):
            return f"isn't a subclass of {name} ({module})"
        missing = sorted(getattr(value, "__abstractmethods__", ()))
        if missing:
            return f"doesn't define {', '.join(missing)}"
    elif kind.loads == "command":
        # click is loaded if the value is a command; the kernel itself never imports it.
        click = sys.modules.get("click")
        if click is None or not isinstance(value, click.Command):
            return "isn't a click command"
    elif kind.loads == "callable":
        if not callable(value):
            return "can't be called"
    elif kind.loads == "module" and not isinstance(value, ModuleType):
        return "isn't a module"
    return None
