"""What type checkers know of the module that the built-in plugin brings."""

from flowkit.authoring.parameter_context import ParameterContext as ParameterContext
from flowkit.authoring.parameter_types import JSONType as JSONType
from flowkit.authoring.parameters import Parameter as Parameter
from flowkit.authoring.parameters import parameters_of as parameters_of
from flowkit.errors import ParameterFieldFailed as ParameterFieldFailed
from flowkit.errors import ParameterFieldTypeMismatch as ParameterFieldTypeMismatch
