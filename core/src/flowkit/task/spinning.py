"""What is otherwise in a task that ``spin`` runs: inputs that the user replaces, and artifacts that aren't kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flowkit.compile.spun import spun
from flowkit.errors import CommandError
from flowkit.model.artifact import ArtifactEntry
from flowkit.model.task import InputRef, TaskSpec
from flowkit.task.inherited import Inherited

if TYPE_CHECKING:
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.compile.compiler import CompiledFlow

__all__ = ["SpunInputs", "is_kept", "spun_flow"]

#: Stands for an artifact that the user gave: it is in memory alone.
_GIVEN = ArtifactEntry("", "", 0, "")
#: So many inputs are named where one is told that isn't there.
_SHOWN = 10


def spun_flow(spec: TaskSpec, compiled: CompiledFlow) -> CompiledFlow:
    """The flow as the task is to see it."""
    how = spec.run.extra.get("spin")
    return compiled if how is None else spun(compiled, skip_decorators=bool(how["skip_decorators"]))


def is_kept(spec: TaskSpec) -> bool:
    """Whether what the step sets is stored."""
    how = spec.run.extra.get("spin")
    return how is None or bool(how["persist"])


class SpunInputs(Inherited):
    """Inputs of a task, some of them replaced by the values of a module's ``ARTIFACTS``.

    A name replaces the artifact that the step finds in ``self``; ``run/step/task`` with a dictionary of names replaces
    artifacts of that input of a join.
    """

    def __init__(self, spec: TaskSpec, store: ArtifactStore, **options: Any) -> None:
        super().__init__(spec, store, **options)
        path = spec.run.extra["spin"]["artifacts_module"]
        artifacts = {} if path is None else _read_artifacts(path)
        #: By name, of the task itself.
        self.given = {name: value for name, value in artifacts.items() if "/" not in name}
        #: What was given and had to be stored.
        self._saved: dict[str, ArtifactEntry] = {}
        self._of_inputs = {name: value for name, value in artifacts.items() if "/" in name}
        if self._of_inputs:
            self._check_inputs(path)

    def _check_inputs(self, path: str) -> None:
        """Refuse values for what isn't an input of the task. Raises CommandError."""
        if not self._is_join:
            name = next(iter(self._of_inputs))
            raise CommandError(
                f"ARTIFACTS[{name!r}] of {path}: step {self._spec.step!r} is no join, and has one input: name its "
                "artifacts alone, without that input"
            )
        known = [name for ref in self.refs for name in _names(ref)]
        if unknown := [name for name in self._of_inputs if name not in known]:
            inputs = known[::2]
            more = f" and {len(inputs) - _SHOWN} more" if len(inputs) > _SHOWN else ""
            raise CommandError(
                f"ARTIFACTS[{unknown[0]!r}] of {path} is for no input of the task: its inputs are "
                f"{', '.join(inputs[:_SHOWN])}{more}"
            )

    @cached_property
    def entries(self) -> Mapping[str, ArtifactEntry]:
        """What the task has before its body runs, with a mark for what was given."""
        return {**super().entries, **dict.fromkeys(self.given, _GIVEN)}

    @property
    def stored_entries(self) -> Mapping[str, ArtifactEntry]:
        """Those that lie in the store."""
        return {**{name: entry for name, entry in self.entries.items() if name not in self.given}, **self._saved}

    def load_given(self, flow: Any) -> None:
        """Have ``flow`` hold what was given, so that it is stored with what the step set."""
        for name, value in self.given.items():
            if name in self._kept:  # parameters and the like, which the flow doesn't hold itself
                self._saved[name] = self._store.save(name, value)
            else:
                getattr(flow, name, None)

    def load(self, name: str) -> Any:
        """One artifact, given or inherited. Raises KeyError if there is none."""
        return self.given[name] if name in self.given else super().load(name)

    def _entries_of(self, ref: InputRef) -> Callable[[], Mapping[str, ArtifactEntry]]:
        found = super()._entries_of(ref)
        # Where both names are given, the whole one counts.
        names = reversed(_names(ref))
        given = {name: value for key in names for name, value in self._of_inputs.get(key, {}).items()}
        if not given:
            return found
        # Stored, as joins merge by what is stored.
        saved = {name: self._store.save(name, value) for name, value in given.items()}
        return lambda: {**found(), **saved}


def _names(ref: InputRef) -> tuple[str, str]:
    """How an input may be named: ``run/step/task``, and without the run."""
    run_id = ref.manifest.split("/")[2]
    return f"{run_id}/{ref.step}/{ref.task_id}", f"{ref.step}/{ref.task_id}"


def _read_artifacts(path: str) -> Mapping[str, Any]:
    """``ARTIFACTS`` of a Python file. Raises CommandError, or what the file raises."""
    from runpy import run_path

    try:
        artifacts = run_path(path).get("ARTIFACTS")
    except OSError as error:
        raise CommandError(f"--artifacts-module {path} can't be read: {error.strerror}") from None
    if not isinstance(artifacts, Mapping):
        raise CommandError(f"--artifacts-module {path} must set ARTIFACTS to a dictionary of artifacts by name")
    for name, value in artifacts.items():
        if "/" in name and not isinstance(value, Mapping):
            raise CommandError(f"ARTIFACTS[{name!r}] of {path} must be a dictionary: artifacts of that input by name")
    return artifacts
