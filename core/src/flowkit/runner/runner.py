"""Runs of a flow's file, started from a program."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flowkit.runner.executing import ExecutingRun, ExecutingTask, not_started
from flowkit.runner.process import INTERVAL, CommandProcess
from flowkit.runner.program import FlowProgram, follow

__all__ = ["Runner"]


class Runner:
    """Runs a flow from a program: ``Runner("flow.py").run(alpha=5, max_workers=4)``.

    The keyword arguments of :meth:`run`, :meth:`resume` and other verbs are the parameters of those commands, and
    those of Runner itself the options before the command; ``inspect.signature`` shows them with their types. The
    logs are in a temporary folder that goes away with the runner: when it is left as a context manager, when
    :meth:`cleanup` is called, or at the latest when the program ends. Runs that are still going on are ended then.

    Parameters
    ----------
    flow_file
        The flow's file, relative to the working folder or to ``cwd``.
    show_output
        Whether :meth:`run` and :meth:`resume` show what the run writes.
    profile
        The configuration's profile.
    env
        Environment variables, besides those of this process.
    cwd
        Working folder of the run; this process's own if it isn't given.
    **top_level
        Options that stand before the command: ``decospecs=["retry"]``, ``config_value=[("name", {"x": 1})]``.

    Raises
    ------
    CommandError
        If the file isn't there, can't be imported, or has no flow.
    UnknownKeyword
        If there is no such option; it is a TypeError too.
    """

    def __init__(
        self,
        flow_file: str | os.PathLike[str],
        show_output: bool = True,
        profile: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        **top_level: Any,
    ) -> None:
        program = self._program = FlowProgram("Runner", flow_file, top_level, profile=profile, env=env, cwd=cwd)
        self.flow_file, self.env, self.cwd = program.flow_file, program.env, program.cwd
        self.show_output = show_output
        self._commands = program.commands
        self._processes = program.processes

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._commands.plugin_verbs():
            return functools.partial(self._commands.plugin_verb(name), self)
        verb = name.removeprefix("async_").replace("_", "-")
        if verb in self._commands.verbs():
            return self._verb(verb, is_async=name.startswith("async_"))
        raise AttributeError(f"Runner has no verb {name!r}; it has {', '.join(self._verb_names())}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._verb_names()})

    @property
    def run(self) -> Callable[..., ExecutingRun]:
        """Run the flow to its end."""
        return self._verb("run")

    @property
    def resume(self) -> Callable[..., ExecutingRun]:
        """Resume a run; ``step_to_rerun`` is the step to run again with all after it."""
        return self._verb("resume")

    @property
    def async_run(self) -> Callable[..., Any]:
        """Start a run; what is awaited has started, and has an id."""
        return self._verb("run", is_async=True)

    @property
    def async_resume(self) -> Callable[..., Any]:
        """Start a run that resumes another."""
        return self._verb("resume", is_async=True)

    def cleanup(self) -> None:
        """End the runs that still go on, and remove the logs."""
        self._program.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cleanup()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(process.async_kill() for process in self._processes))
        self.cleanup()

    # --- verbs -----------------------------------------------------------------------------------------------------

    def _verb_names(self) -> list[str]:
        names = [name.replace("-", "_") for name in self._commands.verbs()]
        return [*names, *(f"async_{name}" for name in names), *self._commands.plugin_verbs()]

    def _verb(self, name: str, *, is_async: bool = False) -> Callable[..., Any]:
        keywords = self._commands.keywords(name)

        def run(*positional: Any, **given: Any) -> ExecutingRun:
            return self._run(*self._start(name, keywords.arguments(keywords.named(positional, given))))

        async def async_run(*positional: Any, **given: Any) -> ExecutingRun:
            return await self._async_start(*self._start(name, keywords.arguments(keywords.named(positional, given))))

        verb: Any = async_run if is_async else run
        parameters = keywords.parameters()
        verb.__name__ = f"async_{name}" if is_async else name
        verb.__doc__ = f"The command {name} of {os.path.basename(self.flow_file)}, its parameters as keywords."
        verb.__signature__ = inspect.Signature(parameters, return_annotation=ExecutingRun)
        verb.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": ExecutingRun}
        return verb  # type: ignore[no-any-return]

    def _start(self, name: str, arguments: list[str]) -> tuple[CommandProcess, Path]:
        return self._program.start([name], "--runner-attribute-file", arguments)

    def _run(self, process: CommandProcess, file: Path) -> ExecutingRun:
        follow(process, show_output=self.show_output)
        return _executing(self, process, _attributes(process, file))

    async def _async_start(self, process: CommandProcess, file: Path) -> ExecutingRun:
        try:
            while process.returncode is None and not file.exists():
                await asyncio.sleep(INTERVAL)
        except BaseException:
            await process.async_kill()
            raise
        return _executing(self, process, _attributes(process, file))


def _executing(runner: Runner, process: CommandProcess, attributes: Mapping[str, str]) -> ExecutingRun:
    kind = ExecutingTask if "task_id" in attributes else ExecutingRun
    return kind(runner, process, attributes)


def _attributes(process: CommandProcess, file: Path) -> Mapping[str, str]:
    try:
        found: Mapping[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        raise not_started(process) from None
    return found
