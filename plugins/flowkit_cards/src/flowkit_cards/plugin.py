"""What this plugin offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flowkit.plugin import Provider, hookimpl

if TYPE_CHECKING:
    from types import ModuleType

    from flowkit.plugin import HookspecManager, StepDecorator
    from flowkit_cards.types.base import Card


def _lazy(target: str) -> Callable[[], Any]:
    """A loader of ``module`` or ``module:name``."""

    def load() -> Any:
        from importlib import import_module

        module, _, name = target.partition(":")
        loaded = import_module(module)
        return getattr(loaded, name) if name else loaded

    return load


@hookimpl
def flowkit_add_hookspecs(manager: HookspecManager) -> None:
    """Open the hook for card types."""
    from flowkit_cards import hookspecs

    manager.add_hookspecs(hookspecs)


@hookimpl
def flowkit_step_decorators() -> Iterable[Provider[type[StepDecorator]]]:
    """``@card``."""
    load = _lazy("flowkit_cards.decorator:CardDecorator")
    yield Provider("card", load, help="Make a page of a step's results, live while it runs")


@hookimpl
def flowkit_modules() -> Iterable[Provider[ModuleType]]:
    """``flowkit.cards``."""
    yield Provider("cards", _lazy("flowkit_cards.public"), help="Components and types of cards, and get_cards")


@hookimpl
def flowkit_commands() -> Iterable[Provider[Any]]:
    """``card`` of both command lines."""
    text = "Show the cards of tasks"
    yield Provider("card", _lazy("flowkit_cards.commands.flow_card:card"), help=text)
    yield Provider("card", _lazy("flowkit_cards.commands.flowkit_card:card"), help=text, scope="flowkit")


@hookimpl
def flowkit_card_types() -> Iterable[Provider[type[Card]]]:
    """The types that come with cards."""
    for name, target, text in (
        ("default", "default:DefaultCard", "Results, parameters, artifacts, graph, code and output of a task"),
        ("default_json", "default_json:DefaultCardJSON", "The default card's content as JSON"),
        ("blank", "blank:BlankCard", "What the step puts into it, and nothing else"),
        ("error", "error:ErrorCard", "Shows why another card couldn't be made"),
        ("taskspec_card", "taskspec:TaskspecCard", "The task's pathspec, as text"),
        ("html", "plain_html:HTMLCard", "A page of HTML that the step makes"),
    ):
        yield Provider(name, _lazy(f"flowkit_cards.types.{target}"), help=text)
