"""``@card``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from flowkit.plugin import Graph, InvalidDecorator, Manifest, Problem, StepDecorator, TaskContext, default_registry
from flowkit_cards.layout import is_name
from flowkit_cards.live.collector import CurrentCards
from flowkit_cards.live.components import warn
from flowkit_cards.live.editor import CardEditor
from flowkit_cards.live.plan import CardPlan
from flowkit_cards.store import CardStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowkit import Task
    from flowkit.plugin import DecoratorSpec, TaskSpec
    from flowkit_cards.types.base import Card

__all__ = ["CardDecorator"]


class CardDecorator(StepDecorator):
    """Makes a page of a step's results when its artifacts are stored. Nothing that goes wrong with it fails the step.

    A step may have several; see :func:`flowkit_cards.card` for the arguments.
    """

    name: ClassVar[str] = "card"
    defaults: ClassVar[Mapping[str, Any]] = {
        "type": "default",
        "id": None,
        "options": {},
        "timeout": 45,
        "save_errors": True,
        "customize": False,
        "refresh_interval": 1,
        "scope": "task",
        "rank": None,
    }
    allow_multiple: ClassVar[bool] = True
    #: Outside of the others, whose code may use ``current.card`` too.
    order: ClassVar[int] = 10
    current_names: ClassVar[Mapping[str, str]] = {"card": "flowkit_cards.live.collector.CurrentCards"}

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        options = self.attributes["options"]
        if isinstance(options, str):
            options = _parsed(options, spec.origin)
        if not isinstance(options, Mapping):
            raise InvalidDecorator(f"{spec.origin}: options of @card are a dict, not a {type(options).__name__}")
        self.attributes["options"] = options
        self._editor: CardEditor | None = None

    # --- on the launching side -------------------------------------------------------------------------------------

    def check(self, graph: Graph, step: str) -> Iterable[Problem]:
        """A type or id that no stored card could be named by."""
        for argument, value in (("type", self.attributes["type"]), ("id", self.attributes["id"])):
            if value is not None and not is_name(value):
                text = f"@card({argument}={value!r}) isn't made of letters, digits, _ and ."
                file, _, line = self.spec.origin.rpartition(":")
                file, number = (file, int(line)) if line.isdigit() else ("", 0)
                yield Problem(f"step {step!r}: {text}", file, number, step, "bad-card")

    def preload(self) -> Sequence[str]:
        """What all cards of all tasks need."""
        return ("flowkit_cards.warm", "flowkit.client")

    # --- in the task's process -------------------------------------------------------------------------------------

    def around(self, run: Callable[[], None], context: TaskContext) -> None:
        """Let the step's code use ``current.card``."""
        try:
            self._join(context)
        except (Exception, SystemExit) as error:
            warn(f"this card can't be made: {type(error).__name__}: {error}")
        run()

    def stored(self, context: TaskContext, manifest: Manifest) -> None:
        """Make and store the page."""
        if self._editor is None:
            return
        with _reading_run(context.spec) as task:
            html = self._html(task, self._editor, context.flow)
            if html is None:
                return
            plan = self._editor.plan
            plan.store.write_html(plan.name, html)
            if self._editor.was_refreshed:
                plan.write_data(self._editor.state("render", is_final=True))

    def _join(self, context: TaskContext) -> None:
        from flowkit import current

        cards = current.get("card")
        if not isinstance(cards, CurrentCards):
            cards = CurrentCards()
            context.current._update({"card": cards})
        self._editor = CardEditor(self._plan(context.spec, len(cards)))
        cards.add(self._editor)

    def _plan(self, spec: TaskSpec, index: int) -> CardPlan:
        registry = default_registry()
        datastore = registry.get("datastores", spec.run.datastore.name).open(spec.run.datastore.root)
        given = self.attributes
        return CardPlan(
            index=index,
            type=str(given["type"]),
            id=given["id"],
            options=given["options"],
            customize=str(given["customize"]).lower() in ("true", "1"),
            refresh_interval=float(given["refresh_interval"]),
            card_class=_class_or_none(str(given["type"])),
            store=CardStore(datastore, spec.run.flow, spec.run.run_id, spec.step, spec.task_id, spec.attempt),
        )

    def _html(self, task: Task, editor: CardEditor, flow: Any) -> str | None:
        from flowkit_cards.rendering import card_class, describe_failure, html_of, time_limit
        from flowkit_cards.types.base import Card
        from flowkit_cards.types.error import error_page

        token = "final"  # noqa: S105 - no secret
        try:
            with time_limit(float(self.attributes["timeout"])):
                kind = card_class(default_registry(), editor.plan.type)
                html = html_of(kind, task, editor.plan.options, editor.forms(), flow)
        except (Exception, SystemExit) as error:
            summary = f"{type(error).__name__}: {error}".partition("\n")[0]
            warn(f"the card of type {editor.plan.type!r} can't be made: {summary}")
            if not self.attributes["save_errors"]:
                return None
            html = error_page(task.pathspec, describe_failure(error))
        return html.replace(Card.RELOAD_POLICY_TOKEN, token)


def _parsed(text: str, origin: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidDecorator(f"{origin}: options of @card are a JSON object, not {text!r}") from None


def _class_or_none(name: str) -> type[Card] | None:
    from flowkit_cards.rendering import card_class

    try:
        return card_class(default_registry(), name)
    except (Exception, SystemExit) as error:
        warn(f"{type(error).__name__}: {error}")
        return None


@contextmanager
def _reading_run(spec: TaskSpec) -> Iterator[Task]:
    """The attempt's own task, read where its run is recorded."""
    from flowkit import Task, get_namespace, namespace
    from flowkit.client import get_metadata, metadata

    before, before_namespace = get_metadata(), get_namespace()
    metadata(f"{spec.run.metadata.name}@{spec.run.metadata.root}")
    namespace(None)
    try:
        yield Task(spec.pathspec, attempt=spec.attempt)
    finally:
        metadata(before)
        namespace(before_namespace)
