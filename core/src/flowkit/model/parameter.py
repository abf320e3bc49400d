"""A flow's parameters, without the values."""

from __future__ import annotations

from typing import Any

import attrs

__all__ = ["ParameterSpec"]


@attrs.frozen
class ParameterSpec:
    """One parameter of a flow, as deployers and the command line see it."""

    #: The command line's name: ``--name``.
    name: str
    #: The attribute of the flow, and the artifact.
    attribute: str
    #: ``str``, ``int``, ``float``, ``bool``, ``json``, ``file``, ``config`` or a click type's own name.
    type: str
    required: bool = False
    help: str = ""
    #: None where there is no default, or it is computed when the run starts.
    default: Any = None
    has_default: bool = False
    default_is_computed: bool = False
    separator: str | None = None
    multiple: bool = False
