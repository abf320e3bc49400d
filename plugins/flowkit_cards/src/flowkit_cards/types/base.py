"""What a card type is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from flowkit_cards.errors import CardsError

if TYPE_CHECKING:
    from flowkit import Task
    from flowkit_cards.components.base import Form

__all__ = ["Card"]


class Card:
    """Base of card types: override :meth:`render`.

    A type is offered through the hook ``flowkit_card_types`` and chosen by ``@card(type=NAME, options={...})``. Once
    the step's artifacts are stored, the type is built and :meth:`render` called in the task's process; to
    show a card while its task runs, :meth:`render_runtime` is called by who shows it.

    Parameters
    ----------
    options
        What ``@card(options=...)`` gave: JSON values.
    components
        What the step put into the card, as forms, if ``ALLOW_USER_COMPONENTS``.
    graph
        The flow's steps by name, as ``_graph_info["steps"]`` has them.
    flow
        The step's own object, whose attributes are artifacts; None where a card is made later.
    """

    #: What ``@card(type=...)`` calls it.
    type: ClassVar[str | None] = None

    #: Whether a step may put components into it.
    ALLOW_USER_COMPONENTS: ClassVar[bool] = False
    #: Whether it can be shown while its task runs.
    RUNTIME_UPDATABLE: ClassVar[bool] = False

    RELOAD_POLICY_NEVER: ClassVar[str] = "never"
    RELOAD_POLICY_ALWAYS: ClassVar[str] = "always"
    RELOAD_POLICY_ONCHANGE: ClassVar[str] = "onchange"
    #: When a viewer loads the page of a running task anew: never, with each refresh, or when
    #: :meth:`reload_content_token` changes.
    RELOAD_POLICY: ClassVar[str] = RELOAD_POLICY_NEVER
    #: Replaced in the page by the token that it was made with.
    RELOAD_POLICY_TOKEN: ClassVar[str] = "[FLOWKIT_RELOAD_TOKEN]"  # noqa: S105 - no secret

    scope: ClassVar[str] = "task"

    def __init__(
        self,
        options: Mapping[str, Any] | None = None,
        components: Sequence[Form] = (),
        graph: Mapping[str, Any] | None = None,
        flow: Any = None,
        **more: Any,
    ) -> None:
        self.options: Mapping[str, Any] = options or {}
        self.components: Sequence[Form] = components
        self.graph = graph
        self.flow = flow

    def render(self, task: Task) -> str:
        """The page, as HTML.

        Parameters
        ----------
        task
            The task, whose artifacts are stored.
        """
        raise CardsError(f"the card type {self.type!r} has no render()")

    def render_runtime(self, task: Task, data: Mapping[str, Any]) -> str:
        """The page while the task runs.

        Parameters
        ----------
        task
            The task, which has no artifacts of its own yet.
        data
            ``components`` (forms by id), ``user`` (what ``refresh`` was given), ``render_seq``, ``mode`` and
            ``component_update_ts``.
        """
        raise CardsError(f"the card type {self.type!r} can't be shown while its task runs")

    def refresh(self, task: Task | None, data: Mapping[str, Any]) -> Any:
        """What a page that is open is told: any JSON. Built-in pages take forms by id."""
        return None

    def reload_content_token(self, task: Task | None, data: Mapping[str, Any]) -> str:
        """A text that changes when the page must be loaded anew, for ``RELOAD_POLICY_ONCHANGE``."""
        return "content-token"
