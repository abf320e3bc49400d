"""What the default functions of parameters and configurations are given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import attrs

__all__ = ["ParameterContext"]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


@attrs.frozen
class ParameterContext:
    """What a default function is given."""

    flow_name: str
    user_name: str
    parameter_name: str
    #: Says a line to the user.
    logger: Callable[[str], None] = _say
    #: Name of the datastore.
    ds_type: str = "local"
    #: The flow's configurations, by name.
    configs: Mapping[str, Any] = attrs.field(factory=dict)
    #: Of a flow of a project that is deployed: the project, and its branch.
    project_name: str | None = None
    branch_name: str | None = None
