"""Parameters, and what goes with them: ``from flowkit.parameters import JSONType``."""

from __future__ import annotations

from flowkit.authoring.deploy_time import DeployTimeField, deploy_time_eval
from flowkit.authoring.parameters import (
    JSONType,
    Parameter,
    ParameterContext,
    ParameterFieldFailed,
    ParameterFieldTypeMismatch,
)

__all__ = [
    "DeployTimeField",
    "JSONType",
    "Parameter",
    "ParameterContext",
    "ParameterFieldFailed",
    "ParameterFieldTypeMismatch",
    "deploy_time_eval",
]
