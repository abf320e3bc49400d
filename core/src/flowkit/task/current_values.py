"""What ``current`` answers in a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flowkit.compile.graph_info import graph_info

if TYPE_CHECKING:
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.model.task import TaskSpec

__all__ = ["current_values"]


def current_values(
    spec: TaskSpec, compiled: CompiledFlow, extras: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Callable[[], Any]]]:
    """Values, and those that are made when they are first asked for.

    Parameters
    ----------
    extras
        More of both: callables are made when they are asked for.
    """
    run = spec.run
    values: dict[str, Any] = {
        "flow_name": run.flow,
        "run_id": run.run_id,
        "step_name": spec.step,
        "task_id": spec.task_id,
        "retry_count": spec.attempt,
        "origin_run_id": run.origin_run_id,
        "namespace": run.namespace,
        "username": run.username,
        "tags": run.tags,
        "parameter_names": list(compiled.given_names),
        **{name: value for name, value in extras.items() if not callable(value)},
    }
    configured = run.extra.get("flow_decorators", {})
    for decorator in compiled.flow_decorators:
        values.update(decorator.current(configured.get(decorator.name, {})))
    lazy: dict[str, Callable[[], Any]] = {
        "graph": lambda: graph_info(compiled),
        "tempdir": _make_folder,
        **{name: value for name, value in extras.items() if callable(value)},
    }
    return values, lazy


def _make_folder() -> str:
    """A folder of this task's own, that is removed when its process ends."""
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="flowkit-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
