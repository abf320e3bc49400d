"""The namespace: the tag that runs must have to be listed."""

from __future__ import annotations

import attrs

__all__ = ["default_namespace", "get_namespace", "namespace"]


@attrs.define
class _Choice:
    """What this process has chosen; nothing is read from the configuration before it is needed."""

    value: str | None = None
    is_made: bool = False


_choice = _Choice()


def namespace(ns: str | None) -> str | None:
    """Show only runs that have the tag ``ns``, as ``user:alice`` or ``production:…``; None shows all.

    Objects that are there already keep the namespace that they were made in.

    Returns
    -------
    str | None
        The namespace now in force.
    """
    _choice.value, _choice.is_made = ns, True
    return ns


def get_namespace() -> str | None:
    """The namespace in force; None where all runs are shown."""
    if not _choice.is_made:
        default_namespace()
    return _choice.value


def default_namespace() -> str:
    """Go back to the default, and return it.

    That is, inside a task, its run's namespace; else what FLOWKIT_NAMESPACE or the configuration says; else
    ``user:NAME``.
    """
    from flowkit.authoring.current import current
    from flowkit.settings import Settings

    value = current.namespace
    if value is None and not current.is_running_flow:
        settings = Settings.load()
        value = settings.namespace or f"user:{settings.username}"
    # A run that was started with an empty --namespace sees all runs.
    namespace(value or None)
    return value or ""


def forget() -> None:
    """Go back to what was before any choice: the next use asks the configuration."""
    _choice.value, _choice.is_made = None, False
