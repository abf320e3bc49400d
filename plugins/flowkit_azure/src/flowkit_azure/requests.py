"""What is asked of the SDK for one request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["before_each"]


def before_each(action: Callable[[], None]) -> dict[str, Any]:
    """Arguments of an SDK's method, for ``action`` to be called before each request, those too that it repeats."""
    options: dict[str, Any] = {}

    def look(request: Any) -> None:
        nonlocal options
        options = request.context.options
        action()

    def repeat(**_: Any) -> None:
        # The SDK calls a hook once, and forgets it.
        options["raw_request_hook"] = look

    return {"raw_request_hook": look, "retry_hook": repeat}
