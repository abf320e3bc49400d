"""What the built-in types with components have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from flowkit_cards.components.base import Form
from flowkit_cards.page.assemble import PageContent, make_page
from flowkit_cards.types.base import Card
from flowkit_cards.types.task_facts import head_of

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["ComponentsCard"]


class ComponentsCard(Card):
    """A page of the step's components, and of what :meth:`sections` adds."""

    ALLOW_USER_COMPONENTS: ClassVar[bool] = True
    RUNTIME_UPDATABLE: ClassVar[bool] = True
    RELOAD_POLICY: ClassVar[str] = Card.RELOAD_POLICY_ONCHANGE

    def title(self, task: Task) -> str:
        """The page's title."""
        return str(task.path_components[2])

    def sections(self, task: Task, *, is_final: bool) -> Sequence[Form]:
        """What comes after the components."""
        return ()

    def render(self, task: Task) -> str:
        """The page of a task whose artifacts are stored."""
        return self._page(task, self.components, is_final=True)

    def render_runtime(self, task: Task, data: Mapping[str, Any]) -> str:
        """The page while the task runs."""
        return self._page(task, list((data.get("components") or {}).values()), is_final=False)

    def refresh(self, task: Task | None, data: Mapping[str, Any]) -> Any:
        """The components."""
        return data["components"]

    def reload_content_token(self, task: Task | None, data: Mapping[str, Any]) -> str:
        """The same until the task is done: a page that is open takes up changes itself, new components too."""
        return "final" if data.get("render_seq") == "final" else "runtime"

    def _page(self, task: Task, components: Sequence[Form], *, is_final: bool) -> str:
        head = head_of(task, is_final=is_final)
        content = PageContent(
            title=self.title(task),
            overline=" / ".join(task.path_components),
            facts=head,
            components=components,
            sections=self.sections(task, is_final=is_final),
            reload_token=self.RELOAD_POLICY_TOKEN,
        )
        return make_page(content)
