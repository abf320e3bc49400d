"""Traces what is asked of plugins: imports of their modules, calls of their hooks, and loads of what they provide.

Off unless the setting TRACE_PLUGINS is set; then each registry has a :class:`Tracer`, and nothing here is imported
otherwise. With ``FLOWKIT_TRACE_PLUGINS=1`` each event of the launching process is a line on stderr, when it is over::

    plugins: 0.3 ms  'redis'  flowkit_run_started

Any other value is a file, to which each process of a run adds one JSON object a line; ``flowkit plugins trace`` reads
that. Times include what is asked of plugins meanwhile.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Literal

import attrs
from pluggy import HookImpl, PluginManager

from flowkit.errors import ConfigurationError

__all__ = ["TraceEvent", "Tracer"]

What = Literal["import", "hook", "load"]

_STDERR = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"0", "false", "no", "off"})


@attrs.frozen
class TraceEvent:
    """One thing that was asked of a plugin."""

    what: What
    plugin: str
    #: A module, a hook, or a capability's kind and name.
    name: str
    #: Seconds, on a clock that all processes of this machine share.
    start: float
    seconds: float
    pid: int
    #: Type of the exception that it raised; empty if it raised none.
    error: str = ""

    @classmethod
    def from_json(cls, line: str) -> TraceEvent:
        """The event that a line of the file tells of."""
        return cls(**json.loads(line))


class Tracer:
    """Times what it is asked to call, and writes it down.

    Parameters
    ----------
    target
        A file, or ``1`` for stderr.
    """

    def __init__(self, target: str) -> None:
        # Absolute: tasks and commands may work elsewhere.
        self._file = None if target.lower() in _STDERR else os.path.abspath(target)
        # The stderr of tasks is their own output: only the process that the user started writes there.
        self._writes_lines_of = os.getpid()

    @property
    def is_of_this_process(self) -> bool:
        """Whether it shows what this process asks, and no other's: where it writes to stderr."""
        return self._file is None

    @classmethod
    def of(cls, target: str | None) -> Tracer | None:
        """The tracer that the setting asks for; None if it asks for none."""
        return None if not target or target.lower() in _OFF else cls(target)

    def call(self, what: What, plugin: str, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call ``function``; what a generator gives is collected, so that its time counts."""
        start, error = time.monotonic(), ""
        try:
            result = function(*arguments)
            return list(result) if isinstance(result, Iterator) else result
        except BaseException as raised:
            error = type(raised).__name__
            raise
        finally:
            self._write(TraceEvent(what, plugin, name, start, time.monotonic() - start, os.getpid(), error))

    def watch(self, manager: PluginManager) -> None:
        """Time each call of the hooks of all plugins that are registered."""
        for hook in vars(manager.hook).values():
            for implementation in getattr(hook, "get_hookimpls", list)():
                self._wrap(hook.name, implementation)

    def _wrap(self, hook: str, implementation: HookImpl) -> None:
        function, plugin = implementation.function, implementation.plugin_name

        @wraps(function)
        def timed(*arguments: Any) -> Any:
            return self.call("hook", plugin, hook, function, *arguments)

        # pluggy marks the attribute as final for type checkers only; its arguments are known to it already.
        object.__setattr__(implementation, "function", timed)

    def _write(self, event: TraceEvent) -> None:
        if self._file is None:
            if os.getpid() != self._writes_lines_of:
                return
            failed = f"  raised {event.error}" if event.error else ""
            name = event.name if event.what == "hook" else f"{event.what} {event.name}"
            sys.stderr.write(f"plugins: {event.seconds * 1000:.1f} ms  {event.plugin!r}  {name}{failed}\n")
            return
        line = json.dumps(attrs.asdict(event)) + "\n"
        try:
            # One write to a file that is only added to: lines of several processes don't mix.
            file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line.encode())
            finally:
                os.close(file)
        except OSError as error:
            raise ConfigurationError(
                f"FLOWKIT_TRACE_PLUGINS names {self._file}, which can't be written ({error.strerror}): "
                "name a file, or 1 for stderr"
            ) from None
