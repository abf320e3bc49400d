"""Texts in a source that name Metaflow: environment variables are renamed, the rest is for the user to see."""

from __future__ import annotations

import re

__all__ = ["finding", "renamed_variable"]

_VARIABLE = re.compile(r"METAFLOW_([A-Z0-9_]+)")
_FOLDER = re.compile(r"(^|[/\\~])\.metaflow(config)?(?=$|[/\\])")
_MODULE = re.compile(r"metaflow(\.\w+)*")


def renamed_variable(text: str) -> str | None:
    """The environment variable that ``text`` is, as it is called here; None if it isn't one."""
    found = _VARIABLE.fullmatch(text)
    return f"FLOWKIT_{found[1]}" if found else None


def finding(text: str) -> str | None:
    """What to say of a text that isn't changed; None for nothing."""
    if found := _FOLDER.search(text):
        ours = ".flowkitconfig" if found[2] else ".flowkit"
        return f"the text {_short(text)} names a folder of Metaflow's; FlowKit's is {ours}"
    if found := _VARIABLE.search(text):
        return f"the text {_short(text)} has the variable {found[0]} in it, which is FLOWKIT_{found[1]} here"
    if _MODULE.fullmatch(text):
        return f"the text {_short(text)} may name a module or a package of Metaflow's"
    return None


def _short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else f"{shown[:57]}…'"
