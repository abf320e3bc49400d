"""Tags that every run gets."""

from __future__ import annotations

import platform
import time

__all__ = ["system_tags"]


def system_tags(username: str) -> tuple[str, ...]:
    """Who, when and with what: ``user:…``, ``date:…``, ``python_version:…``, ``flowkit_version:…``, ``runtime:…``."""
    from flowkit.version import __version__

    return (
        f"date:{time.strftime('%Y-%m-%d', time.gmtime())}",
        f"flowkit_version:{__version__}",
        f"python_version:{platform.python_version()}",
        "runtime:dev",
        f"user:{username}",
    )
