"""The card type ``default``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from flowkit_cards.components.base import Form, error_form
from flowkit_cards.types.artifact_sections import artifact_sections, parameter_section
from flowkit_cards.types.built_in import ComponentsCard
from flowkit_cards.types.task_sections import code_section, graph_section, log_section

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["DefaultCard"]


class DefaultCard(ComponentsCard):
    """The step's components, then parameters, artifacts, the graph, the step's code and its output.

    ``options={"max_artifact_size": bytes}``: values that are larger aren't loaded to be shown.
    """

    type: ClassVar[str | None] = "default"

    def sections(self, task: Task, *, is_final: bool) -> Sequence[Form]:
        """All that isn't the step's own; a part that fails says so and doesn't spoil the rest."""
        parts: list[tuple[str, Callable[[], Sequence[Form]]]] = [
            ("Parameters", lambda: parameter_section(task, self.flow)),
            ("Artifacts", lambda: artifact_sections(task, self.flow, self.options) if is_final else ()),
            ("Graph", lambda: graph_section(task, is_final=is_final)),
            ("Code", lambda: code_section(task, self.flow)),
            ("Output", lambda: log_section(task)),
        ]
        return [form for name, make in parts for form in _made(name, make)]


def _made(name: str, make: Callable[[], Sequence[Form]]) -> Sequence[Form]:
    try:
        return make()
    except (Exception, SystemExit) as error:
        return [{"type": "section", "title": name, "contents": [error_form("This part can't be shown", error)]}]
