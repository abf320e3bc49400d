"""What started a run: ``from flowkit.events import Trigger``."""

from __future__ import annotations

from flowkit.client.trigger import Event, Trigger

__all__ = ["Event", "Trigger"]
