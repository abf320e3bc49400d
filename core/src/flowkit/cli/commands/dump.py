"""``dump``: artifacts of tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowkit.cli.console import Console
from flowkit.cli.flow_group import flow_context
from flowkit.cli.options import FlowkitOption
from flowkit.cli.stored import StoredStep, TaskPath
from flowkit.errors import ArtifactError, FlowkitError, NotFound

if TYPE_CHECKING:
    from flowkit.model.artifact import ArtifactEntry

__all__ = ["dump"]


@click.command(help="Show the artifacts of a task, or of each task of a step: RUN/STEP or RUN/STEP/TASK.")
@click.argument("path", metavar="RUN/STEP[/TASK]")
@click.option("--private/--no-private", default=False, help="Show artifacts whose names begin with _ too.")
@click.option(
    "--max-value-size",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    metavar="BYTES",
    help="Show values up to this size; 0 shows names and types only.",
)
@click.option("--include", default="", metavar="NAMES", help="Only these artifacts, separated by commas.")
@click.option(
    "--file",
    "target",
    cls=FlowkitOption,
    metavar="FILE",
    help="Write a pickle of {'run/step/task': {name: value}} there instead, values of any size.",
)
@click.pass_context
def dump(ctx: click.Context, path: str, private: bool, max_value_size: int, include: str, target: str | None) -> None:
    """Write artifacts to stdout, or to a file."""
    context = flow_context(ctx)
    where = TaskPath.parse(path, context.compiled.name)
    wanted = frozenset(name.strip() for name in include.split(",") if name.strip())
    collected: dict[str, dict[str, Any]] = {}
    with closing(context.session()) as session, closing(StoredStep(session, where)) as stored:
        for task in stored.tasks():
            title = f"{task.run_id}/{task.step}/{task.task_id}"
            manifest = stored.manifest(task)
            if manifest is None:
                if where.task_id is not None:
                    raise NotFound(f"{title} has no artifacts: its state is {task.status!r}")
                context.console.message(f"{title} has no artifacts: its state is {task.status!r}", fg="yellow")
                continue
            chosen = {
                name: entry for name, entry in sorted(manifest.artifacts.items()) if _is_chosen(name, wanted, private)
            }
            if target is not None:
                collected[title] = {name: stored.store.load(entry) for name, entry in chosen.items()}
            else:
                context.console.result(title)
                for line in _lines(stored, chosen, max_value_size):
                    context.console.result(f"    {line}")
    if target is not None:
        _write(Path(target), collected)
        _say_written(context.console, target, collected)


def _is_chosen(name: str, wanted: frozenset[str], private: bool) -> bool:
    if wanted and name not in wanted:
        return False
    return private or not name.startswith("_")


def _lines(stored: StoredStep, entries: Mapping[str, ArtifactEntry], max_size: int) -> Iterator[str]:
    for name, entry in entries.items():
        kind = entry.type.removeprefix("builtins.")
        if entry.size > max_size:
            yield f"{name}: {kind}, {entry.size} bytes"
            continue
        try:
            shown = repr(stored.store.load(entry))
        except FlowkitError as error:
            shown = f"({error.headline}: {error.message})"
        except Exception as error:  # the value's own class fails to load or to show itself
            shown = f"(can't be shown: {type(error).__name__}: {error})"
        first, *rest = shown.splitlines() or [""]
        if not rest:
            yield f"{name}: {kind} = {first}"
            continue
        yield f"{name}: {kind} ="
        yield from (f"    {line}" for line in (first, *rest))


def _write(target: Path, values: Mapping[str, Mapping[str, Any]]) -> None:
    import os
    import pickle

    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            pickle.dump(values, file, protocol=pickle.HIGHEST_PROTOCOL)
        temporary.replace(target)
    except OSError as error:
        raise FlowkitError(f"--file {target} can't be written: {error.strerror}") from None
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise ArtifactError(f"the artifacts can't be pickled into {target}: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _say_written(console: Console, target: str, values: Mapping[str, Mapping[str, Any]]) -> None:
    count = len(values)
    console.message(f"Artifacts of {count} task{'' if count == 1 else 's'} are in {target}")
