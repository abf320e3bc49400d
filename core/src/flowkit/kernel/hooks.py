"""A typed front over the hooks: what callers in the core use instead of pluggy's untyped relay.

Each plugin is called by itself, so that an error is known to be that plugin's. Where the specification says that an
error stops nothing, it is written to stderr, once for each plugin and hook. SystemExit is an error like any other: no
plugin ends the command, or makes a run that failed look like one that did not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

from pluggy import HookCaller, HookImpl, PluginManager

from flowkit.errors import BrokenPluginError, FlowkitError
from flowkit.kernel.validation import describe_error

if TYPE_CHECKING:
    from flowkit.model.graph import Graph
    from flowkit.model.notification import TaskEvent
    from flowkit.model.problem import Problem
    from flowkit.model.record import RunRecord
    from flowkit.model.task import TaskSpec
    from flowkit.settings import Settings

__all__ = ["Hooks"]


class Hooks:
    """Calls of the hooks in :mod:`flowkit.kernel.hookspecs` that aren't lists of providers."""

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager
        self._reported: set[tuple[str, str]] = set()
        self._known: dict[str, tuple[HookImpl, ...]] = {}

    # --- on the launching side -------------------------------------------------------------------------------------

    def flowkit_username(self, *, settings: Settings) -> str:
        """Who runs flows. Raises ConfigurationError if nothing says, BrokenPluginError if a plugin fails."""
        return str(self._first("flowkit_username", {"settings": settings}))

    def flowkit_new_run_id(self, *, flow: str) -> str:
        """An id for a new run. Raises BrokenPluginError if a plugin fails."""
        return str(self._first("flowkit_new_run_id", {"flow": flow}))

    def flowkit_check_graph(self, *, graph: Graph) -> list[Problem]:
        """Problems of all plugins. Raises BrokenPluginError if a plugin fails."""
        problems: list[Problem] = []
        for plugin, call in self._calls("flowkit_check_graph", {"graph": graph}):
            try:
                problems += call() or ()
            except (Exception, SystemExit) as error:
                raise _broken(plugin, "flowkit_check_graph", error) from error
        return problems

    def flowkit_run_started(self, *, run: RunRecord, graph: Graph) -> None:
        """Tell all plugins that a run has begun."""
        self._tell("flowkit_run_started", {"run": run, "graph": graph})

    def flowkit_run_finished(self, *, run: RunRecord, failure: str) -> None:
        """Tell all plugins that a run is over."""
        self._tell("flowkit_run_finished", {"run": run, "failure": failure})

    def flowkit_task_event(self, *, event: TaskEvent) -> None:
        """Tell all plugins what happened to an attempt."""
        self._tell("flowkit_task_event", {"event": event})

    # --- in a task's process ---------------------------------------------------------------------------------------

    def flowkit_task_scope(self, *, task: TaskSpec) -> list[AbstractContextManager[object]]:
        """What plugins want entered around the attempt."""
        if not self._implementations("flowkit_task_scope"):
            return []
        scopes: list[AbstractContextManager[object]] = []
        for plugin, manager in self._tell("flowkit_task_scope", {"task": task}):
            report = partial(self._report, plugin, "flowkit_task_scope")
            if isinstance(manager, AbstractContextManager):
                scopes.append(_Scope(manager, report))
            elif manager is not None:
                report(f"returned a value of type {type(manager).__name__}, which isn't a context manager")
        return scopes

    # --- how -------------------------------------------------------------------------------------------------------

    def is_implemented(self, hook: str) -> bool:
        """Whether any plugin implements a hook: else a caller in a hurry needn't make up its arguments."""
        return bool(self._implementations(hook))

    def __getattr__(self, name: str) -> HookCaller:
        """A hook that a plugin has opened, as pluggy's own caller."""
        caller = vars(self._manager.hook).get(name)
        if not isinstance(caller, HookCaller):
            raise AttributeError(f"no plugin has opened a hook {name}")
        return caller

    def _implementations(self, hook: str) -> tuple[HookImpl, ...]:
        """Implementations in the order in which they are asked. Plugins don't change after they were discovered."""
        found = self._known.get(hook)
        if found is None:
            found = self._known[hook] = tuple(reversed(getattr(self._manager.hook, hook).get_hookimpls()))
        return found

    def _calls(self, hook: str, arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for implementation in self._implementations(hook):
            chosen = [arguments[name] for name in implementation.argnames]
            yield implementation.plugin_name, lambda function=implementation.function, chosen=chosen: function(*chosen)

    def _first(self, hook: str, arguments: Mapping[str, Any]) -> object:
        for plugin, call in self._calls(hook, arguments):
            try:
                result = call()
            except FlowkitError:
                raise
            except (Exception, SystemExit) as error:
                raise _broken(plugin, hook, error) from error
            if result is not None:
                return result
        raise BrokenPluginError(f"no plugin answers {hook}: the built-in capabilities are incomplete")

    def _tell(self, hook: str, arguments: Mapping[str, Any]) -> list[tuple[str, Any]]:
        results: list[tuple[str, Any]] = []
        for plugin, call in self._calls(hook, arguments):
            try:
                results.append((plugin, call()))
            except (Exception, SystemExit) as error:
                self._report(plugin, hook, f"raised {describe_error(error)}")
        return results

    def _report(self, plugin: str, hook: str, what: str) -> None:
        if (plugin, hook) not in self._reported:
            self._reported.add((plugin, hook))
            sys.stderr.write(f"plugin {plugin!r}: {hook} {what}\n")


class _Scope:
    """What a plugin wants entered around an attempt. What it raises is told by ``report``, and changes nothing."""

    def __init__(self, manager: AbstractContextManager[object], report: Callable[[str], None]) -> None:
        self._manager = manager
        self._report = report
        self._entered = False

    def __enter__(self) -> object:
        try:
            value = self._manager.__enter__()
        except (Exception, SystemExit) as error:
            self._report(f"gave a context manager that raised {describe_error(error)} as it was entered")
            return None
        self._entered = True
        return value

    def __exit__(self, *details: Any) -> None:
        if not self._entered:
            return
        try:
            self._manager.__exit__(*details)
        except (Exception, SystemExit) as error:
            self._report(f"gave a context manager that raised {describe_error(error)} as it was left")


def _broken(plugin: str, hook: str, error: BaseException) -> BrokenPluginError:
    return BrokenPluginError(
        f"plugin {plugin!r}: {hook} raised {describe_error(error)}; leave it out with --no-plugin {plugin}"
    )
