"""The hooks that plugins implement, grouped by when they are called.

- :mod:`~flowkit.kernel.hookspecs.capabilities`: what a plugin offers; asked when a capability of the kind is wanted.
- :mod:`~flowkit.kernel.hookspecs.launch`: on the launching side, around a run.
- :mod:`~flowkit.kernel.hookspecs.attempt`: in a task's own process.
- :mod:`~flowkit.kernel.hookspecs.extension`: while plugins are discovered.

An implementation may leave out arguments that it doesn't need. Hook wrappers aren't taken.
"""

from __future__ import annotations

from types import ModuleType

__all__ = ["specification_modules"]


def specification_modules() -> tuple[ModuleType, ...]:
    """The modules that hold the specifications."""
    from flowkit.kernel.hookspecs import attempt, capabilities, extension, launch

    return (extension, capabilities, launch, attempt)
