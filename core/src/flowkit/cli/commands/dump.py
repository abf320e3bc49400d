"""``dump``: artifacts of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
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
    """Write artifacts to stdout, or to a file; exits with 1 if one can't be loaded, or none has a name asked for."""
    context = flow_context(ctx)
    where = TaskPath.parse(path, context.compiled.name)
    names = _Names(tuple(name.strip() for name in include.split(",") if name.strip()), private)
    collected: dict[str, dict[str, Any]] = {}
    are_all_loaded = True
    with closing(context.session()) as session, closing(StoredStep(session, where)) as stored:
        for task in stored.tasks():
            title = f"{task.run_id}/{task.step}/{task.task_id}"
            manifest = stored.manifest(task)
            if manifest is None:
                if where.task_id is not None:
                    raise NotFound(f"{title} has no artifacts: its state is {task.status!r}")
                context.console.message(f"{title} has no artifacts: its state is {task.status!r}", fg="yellow")
                continue
            chosen = names.chosen(manifest.artifacts)
            if target is not None:
                collected[title] = _loaded(stored, title, chosen)
            elif chosen or not names.wanted:
                context.console.result(title)
                for name, entry in chosen.items():
                    are_all_loaded = (
                        _show(context.console, stored, title, name, entry, max_value_size) and are_all_loaded
                    )
    names.check(path)
    if target is not None:
        _write(Path(target), collected)
        _say_written(context.console, target, collected)
    ctx.exit(0 if are_all_loaded else 1)


@attrs.define
class _Names:
    """Which artifacts are asked for, and which there are."""

    #: Empty for all.
    wanted: tuple[str, ...]
    private: bool
    _known: set[str] = attrs.field(factory=set, init=False)

    def chosen(self, entries: Mapping[str, ArtifactEntry]) -> dict[str, ArtifactEntry]:
        """Those of one task, by name."""
        shown = {name: entry for name, entry in sorted(entries.items()) if self.private or not name.startswith("_")}
        self._known.update(shown)
        return {name: entry for name, entry in shown.items() if not self.wanted or name in self.wanted}

    def check(self, path: str) -> None:
        """Raise NotFound if no task that was looked at has a name."""
        missing = [name for name in self.wanted if name not in self._known]
        if missing and self._known:
            hint = (
                "; --private shows those that begin with _" if missing[0].startswith("_") and not self.private else ""
            )
            raise NotFound(f"{path} has no artifact {missing[0]!r}: it has {', '.join(sorted(self._known))}{hint}")


def _loaded(stored: StoredStep, title: str, entries: Mapping[str, ArtifactEntry]) -> dict[str, Any]:
    try:
        return {name: stored.store.load(entry, name=name) for name, entry in entries.items()}
    except FlowkitError as error:
        error.message = f"{title}: {error.message}"
        raise


def _show(console: Console, stored: StoredStep, title: str, name: str, entry: ArtifactEntry, max_size: int) -> bool:
    """Write one. Returns whether it could be loaded; why not is said on stderr."""
    kind = entry.type.removeprefix("builtins.")
    if entry.size > max_size:
        console.result(f"    {name}: {kind}, {entry.size} bytes")
        return True
    try:
        shown = repr(stored.store.load(entry, name=name))
    except FlowkitError as error:
        console.result(f"    {name}: {kind}, can't be loaded")
        console.error(f"{error.headline}: {title}: {error.message}", fg="red")
        return False
    except Exception as error:  # the value's own class fails to show itself
        shown = f"(can't be shown: {type(error).__name__}: {error})"
    first, *rest = shown.splitlines() or [""]
    if rest:
        console.result(f"    {name}: {kind} =")
        for line in (first, *rest):
            console.result(f"        {line}")
    else:
        console.result(f"    {name}: {kind} = {first}")
    return True


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
