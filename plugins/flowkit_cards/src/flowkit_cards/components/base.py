"""What all components have in common, and what a component of a third party must do.

A component's :meth:`CardComponent.render` gives its *form*: a JSON object with the key ``type``. A form is what is
stored while a task runs and what a card type is given; how each type of form looks is in
:mod:`flowkit_cards.components.looks`.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from flowkit_cards.describe import Limits, cut_text, simplify

__all__ = ["CardComponent", "Component", "Form", "RendersForm", "error_form", "form_of"]

#: A component as JSON: ``{"type": "progressBar", "value": 3, …}``.
Form = dict[str, Any]

#: A form that isn't built in may hold this many values.
_FOREIGN_LIMITS = Limits(values=100_000, depth=40, text=2_000_000)


@runtime_checkable
class RendersForm(Protocol):
    """All that an object must be able to do to stand in a card."""

    def render(self) -> Form | str:
        """A form of one of the built-in types, or text."""


class CardComponent:
    """Base of components, a third party's too: override :meth:`render`, and :meth:`update` if it can change.

    ``render`` returns a form (a dict, mostly that of another component) or text; text is shown as text. Markup that is
    to be taken as it is must be a :class:`flowkit_cards.components.raw_html.HTML`.
    """

    #: Whether a running card follows changes of this component.
    REALTIME_UPDATABLE: ClassVar[bool] = False

    _component_id: str | None = None

    @property
    def component_id(self) -> str | None:
        """What the component is called in its card; None before it is in one."""
        return self._component_id

    @component_id.setter
    def component_id(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"a component's id is text, not {type(value).__name__}")
        self._component_id = value

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Change what is shown; takes what the component is made from."""
        sys.stderr.write(f"@card: a {type(self).__name__} can't be updated\n")

    def render(self) -> Form | str:
        """The component's form."""
        return error_form(f"{type(self).__name__} can't be shown", "it has no render()")


class Component(CardComponent, ABC):
    """Base of the built-in components: they never fail a card, but show what went wrong."""

    #: The form's ``type``.
    type: ClassVar[str]

    @abstractmethod
    def fields(self) -> Mapping[str, Any]:
        """The form without ``type`` and ``id``: plain JSON values."""

    def render(self) -> Form:
        """The form; that of an error if the component can't be made into one."""
        try:
            form = {"type": self.type, **self.fields()}
        except (Exception, SystemExit) as error:
            form = error_form(f"{type(self).__name__} can't be shown", error)
        if self.component_id is not None:
            form["id"] = self.component_id
        return form


def form_of(component: object) -> Form:
    """The form of anything that stands in a card: components, forms, text, and values that are none of these.

    Never raises; the result is strict JSON.
    """
    if isinstance(component, Component):
        return component.render()
    if isinstance(component, RendersForm) and not isinstance(component, type):
        return _foreign_form(component)
    if isinstance(component, dict) and isinstance(component.get("type"), str):
        return _checked(component)
    if isinstance(component, str):
        return _text_form(component)
    from flowkit_cards.components.artifact import Artifact

    return Artifact(component).render()


def error_form(title: str, error: BaseException | str) -> Form:
    """A form that shows an error in words."""
    text = error if isinstance(error, str) else _one_line(error)
    return {"type": "error", "title": title, "text": cut_text(text, 20_000)[0]}


def _one_line(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def _foreign_form(component: RendersForm) -> Form:
    name = type(component).__name__
    try:
        form = component.render()
    except (Exception, SystemExit) as error:
        return _identified(error_form(f"{name} can't be shown", error), component)
    return _identified(_checked_result(name, form), component)


def _checked_result(name: str, form: object) -> Form:
    if isinstance(form, str):
        return _text_form(form)
    if not isinstance(form, dict) or not isinstance(form.get("type"), str):
        wrong = f"its render() gave a {type(form).__name__} instead of text or a dict with a type"
        return error_form(f"{name} can't be shown", wrong)
    return _checked(form)


def _checked(form: Form) -> Form:
    simple = simplify(form, _FOREIGN_LIMITS)
    checked: Form = simple.value
    if simple.notes:
        checked["note"] = "; ".join(simple.notes)
    return checked


def _text_form(text: str) -> Form:
    shown, note = cut_text(text)
    return {"type": "text", "text": shown, **({"note": note} if note else {})}


def _identified(form: Form, component: object) -> Form:
    name = getattr(component, "component_id", None)
    return {**form, "id": name} if isinstance(name, str) else form
