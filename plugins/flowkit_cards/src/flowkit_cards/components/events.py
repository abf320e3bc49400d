"""What happened, in order of time."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from flowkit_cards.components.artifact import Artifact
from flowkit_cards.components.base import Component, Form, form_of
from flowkit_cards.components.code import PythonCode
from flowkit_cards.components.image import Image
from flowkit_cards.components.looks import Draw
from flowkit_cards.components.markdown import Markdown
from flowkit_cards.components.value_box import ValueBox
from flowkit_cards.components.viewers import JSONViewer
from flowkit_cards.describe import display_text
from flowkit_cards.drawing.element import Node, h
from flowkit_cards.drawing.words import count_text, duration_text, moment_text

__all__ = ["EventsTimeline"]

_PAYLOADS = (ValueBox, Image, Markdown, Artifact, PythonCode, JSONViewer)
_THEME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*\Z")


class EventsTimeline(Component):
    """Events with the newest on top.

    Parameters
    ----------
    title
        What happens.
    max_events
        How many are shown; all are counted.
    """

    type = "eventsTimeline"
    REALTIME_UPDATABLE: ClassVar[bool] = True
    VALID_THEMES: ClassVar[frozenset[str]] = frozenset(
        {"default", "success", "warning", "error", "info", "primary", "secondary", "tool_call", "ai_response"}
    )

    def __init__(self, title: str | None = None, max_events: int = 100) -> None:
        self._title, self._max_events = title, max(int(max_events), 1)
        self._events: list[dict[str, Any]] = []
        self._total = 0
        self._first: float | None = None
        self._last: float | None = None
        self._finished = False

    def update(
        self,
        event_data: Mapping[str, Any],
        style_theme: str | None = None,
        priority: str | None = None,
        payloads: Mapping[str, Component] | None = None,
        finished: bool | None = None,
    ) -> None:
        """Add an event.

        Parameters
        ----------
        event_data
            Names and simple values; ``timestamp`` (seconds, or ISO text) is now, if it isn't given.
        style_theme
            One of ``VALID_THEMES``, or a name of your own.
        priority
            ``low``, ``normal``, ``high`` or ``critical``.
        payloads
            Components that are shown when the event is opened: ValueBox, Image, Markdown, Artifact, PythonCode,
            JSONViewer or YAMLViewer, by name.
        finished
            Whether this was the last.
        """
        if style_theme is not None and not _THEME.match(style_theme):
            raise ValueError(f"style_theme {style_theme!r} isn't made of letters, digits, _ and -")
        for name, payload in (payloads or {}).items():
            if not isinstance(payload, _PAYLOADS):
                known = ", ".join(kind.__name__ for kind in _PAYLOADS)
                raise TypeError(f"payload {name!r} is a {type(payload).__name__}; it may be: {known}")
        now = time.time()
        event = {"data": {"timestamp": now, **event_data}, "theme": style_theme, "priority": priority}
        self._events.insert(0, {**event, "payloads": dict(payloads or {}), "number": self._total})
        del self._events[self._max_events :]
        self._total += 1
        self._first, self._last = now if self._first is None else self._first, now
        if finished is not None:
            self._finished = finished

    def get_stats(self) -> dict[str, Any]:
        """Counts and times, in seconds since the epoch."""
        stats: dict[str, Any] = {
            "total_events": self._total,
            "displayed_events": len(self._events),
            "last_update": self._last,
            "first_event": self._first,
            "finished": self._finished,
        }
        if self._first is not None and self._last is not None and self._last > self._first:
            seconds = self._last - self._first
            stats |= {
                "events_per_minute": round(self._total / seconds * 60, 1),
                "total_runtime_seconds": round(seconds, 1),
            }
        return stats

    def fields(self) -> Mapping[str, Any]:
        """Title, events and counts."""
        title = {} if self._title is None else {"title": display_text(self._title, 500)[0]}
        return {**title, "events": [_event(event) for event in self._events], "stats": self.get_stats()}


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    data = {display_text(name, 100)[0]: display_text(value, 2000)[0] for name, value in event["data"].items()}
    data["timestamp"] = _moment(event["data"]["timestamp"])
    return {
        "event_id": f"event_{event['number']}",
        "metadata": data,
        "style_theme": event["theme"],
        "priority": event["priority"],
        "payloads": {display_text(name, 100)[0]: form_of(one) for name, one in event["payloads"].items()},
    }


def _moment(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return moment_text(datetime.fromtimestamp(value))
        except (OverflowError, ValueError, OSError):
            return str(value)
    return moment_text(value) if isinstance(value, datetime) else display_text(value, 100)[0]


def look(form: Form, draw: Draw) -> Node:
    """A list; what an event carries opens below it."""
    stats = form.get("stats") or {}
    said = count_text(int(stats.get("total_events") or 0), "event")
    if stats.get("total_runtime_seconds"):
        said += f" in {duration_text(float(stats['total_runtime_seconds']))}"
    if stats.get("finished"):
        said += ", finished"
    head = h(
        "div",
        {"class": "progress-head"},
        h("strong", None, str(form.get("title") or "Events")),
        h("span", {"class": "quiet"}, said),
    )
    return h("div", {"class": "events"}, head, h("ol", None, [_look_event(one, draw) for one in form["events"]]))


def _look_event(event: Mapping[str, Any], draw: Draw) -> Node:
    data = dict(event.get("metadata") or {})
    moment = str(data.pop("timestamp", ""))
    priority = event.get("priority")
    theme = str(event.get("style_theme") or "default")
    pairs = [h("div", None, h("dt", None, name), h("dd", None, str(value))) for name, value in data.items()]
    badge = h("span", {"class": "badge"}, str(priority)) if priority and priority != "normal" else None
    return h(
        "li",
        {"class": f"event theme-{theme if _THEME.match(theme) else 'default'}", "data-id": str(event.get("event_id"))},
        h("p", {"class": "quiet"}, h("time", None, moment), badge),
        h("dl", None, pairs),
        [
            h("details", None, h("summary", None, str(name)), draw(one))
            for name, one in (event.get("payloads") or {}).items()
        ],
    )
