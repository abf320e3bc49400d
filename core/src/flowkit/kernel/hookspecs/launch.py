"""Hooks on the launching side, around a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flowkit.kernel.markers import hookspec

if TYPE_CHECKING:
    from flowkit.model.graph import Graph
    from flowkit.model.notification import TaskEvent
    from flowkit.model.problem import Problem
    from flowkit.model.record import RunRecord
    from flowkit.settings import Settings


@hookspec(firstresult=True)
def flowkit_username(settings: Settings) -> str | None:
    """Who runs flows and whose namespace is the default.

    Fires once in each launching process and each client, before the first use of a user's name; called by the
    session and the client. Returns a name, or None to leave it to others. The first result wins; plugins are asked
    in their order, the built-in (:attr:`flowkit.settings.Settings.username`) last. An error ends the command.
    """
    return None


@hookspec(firstresult=True)
def flowkit_new_run_id(flow: str) -> str | None:
    """An id for a run of ``flow`` that is to start.

    Fires once for each new run, and again if the id turns out to be taken; called by the engine. Returns an id that
    can be a component of a pathspec, or None to leave it to others. The first result wins; plugins are asked in their
    order, the built-in (microseconds since the epoch) last. An error ends the command.
    """
    return None


@hookspec
def flowkit_check_graph(graph: Graph) -> Iterable[Problem]:
    """Problems that a plugin finds in a flow, in addition to the core's own checks.

    Fires when a flow is checked: by ``check``, and before a run, a resume or a deployment; called by the compile
    step. Returns problems; those of all plugins are collected, and any problem stops the run. An error in the plugin
    ends the command, naming the plugin.
    """
    return ()


@hookspec
def flowkit_run_started(run: RunRecord, graph: Graph) -> None:
    """A run is recorded, and no task of it has started.

    Fires once for each run and each resume, in the launching process; called by the engine's loop. Nothing is
    returned; all plugins are told. Must be quick. An error is shown once and stops nothing.
    """
    return None


@hookspec
def flowkit_run_finished(run: RunRecord, failure: str) -> None:
    """A run is over, and recorded as ``run.status`` says; ``failure`` is one line, empty if it succeeded.

    Fires once for each run whose launching process lives to its end; called by the engine's loop. Nothing is
    returned; all plugins are told. An error is shown once and stops nothing.
    """
    return None


@hookspec
def flowkit_task_event(event: TaskEvent) -> None:
    """An attempt of a task started or ended.

    Fires in the launching process, for each attempt; called by the engine's loop, so that it must be quick. Nothing
    is returned; all plugins are told. An error is shown once and stops nothing.
    """
    return None
