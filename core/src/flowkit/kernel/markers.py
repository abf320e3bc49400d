"""The two marks of pluggy's: ``hookimpl`` for plugins' functions, ``hookspec`` for those that specify hooks."""

from __future__ import annotations

from pluggy import HookimplMarker, HookspecMarker

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "flowkit"

hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)
