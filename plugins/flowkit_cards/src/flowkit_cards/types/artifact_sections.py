"""Parameters and artifacts of a task, as parts of a card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowkit_cards.components.artifact import entry
from flowkit_cards.components.base import Form
from flowkit_cards.components.dataframe import is_dataframe
from flowkit_cards.components.image import Image
from flowkit_cards.components.structure import Section
from flowkit_cards.components.table import Table
from flowkit_cards.drawing.words import count_text

if TYPE_CHECKING:
    from flowkit import DataArtifact, Task

__all__ = ["artifact_sections", "parameter_section"]

#: Artifacts that a card lists.
_MAX_ARTIFACTS = 300
#: Bytes up to which a value is loaded to be shown.
_MAX_VALUE = 1_000_000
#: The same for tables and images, which are shown at large. A local one is mapped, not read.
_MAX_PICTURED = 64_000_000
_MAX_TABLES = 5
_PICTURED = ("DataFrame", "Table", "Figure", "PIL.", "Image")
#: The core's own artifacts, and those that the card shows elsewhere.
_HIDDEN = ("_",)


def parameter_section(task: Task, flow: Any) -> Sequence[Form]:
    """A table of the run's parameters; nothing if it has none."""
    names = _parameter_names(task)
    if not names:
        return ()
    entries = [_entry_of(task, name, flow, _MAX_VALUE) for name in names if name in task]
    return [_section("Parameters", [{"type": "artifacts", "data": entries}])] if entries else ()


def artifact_sections(task: Task, flow: Any, options: Mapping[str, Any]) -> Sequence[Form]:
    """A table of the artifacts, then tables and images among them."""
    limit = min(int(options.get("max_artifact_size", _MAX_VALUE)), _MAX_PICTURED)
    parameters = set(_parameter_names(task))
    artifacts = sorted(
        (one for one in task if not one.id.startswith(_HIDDEN) and one.id not in parameters), key=lambda one: one.id
    )
    if not artifacts:
        return ()
    listed = [_entry_of(task, one.id, flow, limit) for one in artifacts[:_MAX_ARTIFACTS]]
    form: Form = {"type": "artifacts", "data": listed}
    if len(artifacts) > _MAX_ARTIFACTS:
        form["note"] = f"the first {_MAX_ARTIFACTS} of {count_text(len(artifacts), 'artifact')}"
    pictured = [one for one in artifacts if _is_pictured(one.type)][:_MAX_TABLES]
    return [_section("Artifacts", [form]), *_pictures(pictured, flow)]


def _pictures(artifacts: Sequence[DataArtifact], flow: Any) -> Iterator[Form]:
    for artifact in artifacts:
        if artifact.size > _MAX_PICTURED:
            continue
        value = _value(artifact, flow)
        if is_dataframe(value):
            yield Section(artifact.id, contents=[Table.from_dataframe(value)]).render()
        elif hasattr(value, "savefig") or type(value).__module__.startswith("PIL."):
            yield Section(artifact.id, contents=[Image(value, artifact.id)]).render()


def _entry_of(task: Task, name: str, flow: Any, limit: int) -> dict[str, Any]:
    artifact = task[name]
    known = {"name": name, "type": artifact.type.removeprefix("builtins."), "size": artifact.size}
    if artifact.size > limit or _is_pictured(artifact.type):
        return {**known, "data": "", "note": "not loaded" if artifact.size > limit else "shown below"}
    try:
        return {**entry(name, _value(artifact, flow), 1000), **known}
    except (Exception, SystemExit) as error:
        return {**known, "data": "", "note": f"can't be loaded: {type(error).__name__}"}


def _value(artifact: DataArtifact, flow: Any) -> Any:
    """The value: what the task has in its hands, where it is there; else loaded."""
    if flow is not None and artifact.id in vars(flow):
        return vars(flow)[artifact.id]
    return artifact.data


def _is_pictured(kind: str) -> bool:
    return kind.startswith(("PIL.", "matplotlib.figure")) or kind.rpartition(".")[2] in (
        "DataFrame",
        "LazyFrame",
        "Table",
    )


def _parameter_names(task: Task) -> Sequence[str]:
    info = task["_graph_info"].data if "_graph_info" in task else {}
    return [str(one["name"]) for one in info.get("parameters", ())]


def _section(title: str, contents: Sequence[Form]) -> Form:
    return {"type": "section", "title": title, "contents": list(contents)}
