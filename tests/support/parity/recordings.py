"""What Metaflow made of the flows, as recorded."""

from __future__ import annotations

import json
from typing import Any

from support.parity.flows import ComparedFlow

__all__ = ["COMMAND", "is_up_to_date", "recorded_results"]

#: Records what isn't up to date.
COMMAND = "python tests/flows/parity/record.py"


def is_up_to_date(flow: ComparedFlow) -> bool:
    """Whether the recording is of this flow, this reader and this Metaflow."""
    return flow.recording.exists() and _read(flow)["digest"] == flow.digest


def recorded_results(flow: ComparedFlow) -> list[dict[str, Any]]:
    """One for each command."""
    results: list[dict[str, Any]] = _read(flow)["results"]
    return results


def _read(flow: ComparedFlow) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(flow.recording.read_text(encoding="utf-8"))
    return document
