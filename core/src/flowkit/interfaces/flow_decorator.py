"""What a decorator on a flow may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import attrs

from flowkit.errors import InvalidDecorator
from flowkit.model.graph import DecoratorSpec, Graph
from flowkit.model.parameter import ParameterSpec
from flowkit.model.problem import Problem
from flowkit.model.record import RunRecord
from flowkit.model.task import StoreRef

__all__ = ["FlowDecorator", "Launch"]


@attrs.frozen
class Launch:
    """What is known of a run before it is there."""

    flow_class: type[Any]
    graph: Graph
    #: Values of the command line's top-level options.
    options: Mapping[str, Any]
    username: str
    #: Where the run will be recorded.
    metadata: StoreRef


class FlowDecorator:
    """Base of all flow decorators."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str]
    defaults: ClassVar[Mapping[str, Any]] = {}
    allow_multiple: ClassVar[bool] = False
    #: Names that it adds to ``current``, and their dotted types: for type checkers (``flowkit stubs``).
    current_names: ClassVar[Mapping[str, str]] = {}
    #: Whether it has a part in a task that ``spin`` runs: not one that tells others of the end of a run.
    acts_in_spin: ClassVar[bool] = True

    def __init__(self, spec: DecoratorSpec) -> None:
        unknown = sorted(set(spec.attributes) - set(self.defaults))
        if unknown:
            known = ", ".join(self.defaults) or "none"
            raise InvalidDecorator(f"{spec.origin}: @{self.name} has no argument {unknown[0]!r}; it takes: {known}")
        self.spec = spec
        self.attributes: dict[str, Any] = {**self.defaults, **spec.attributes}

    @classmethod
    def options(cls) -> Iterable[Any]:
        """click parameters that the flow's command line gets at its top level; none may be there already."""
        return ()

    def check(self, graph: Graph) -> Iterable[Problem]:
        """Problems with this decorator on this flow."""
        return ()

    def check_parameters(self, parameters: Sequence[ParameterSpec]) -> Iterable[Problem]:
        """Problems with this decorator and the flow's parameters."""
        return ()

    def shown(self) -> DecoratorSpec:
        """The decorator as it is stored, and as deployers get it: its arguments in one form, as plain values."""
        return self.spec

    def deployed(self, context: Any) -> DecoratorSpec:
        """As :meth:`shown`, where the flow is deployed: functions among its arguments are called, with ``context``.

        Parameters
        ----------
        context
            A :class:`flowkit.authoring.parameters.ParameterContext`, with the project and the branch.
        """
        return self.shown()

    def serializers(self) -> Mapping[str, str]:
        """Names of serializers, by the artifacts of the flow's steps that they are to store."""
        return {}

    def configure(self, launch: Launch) -> Mapping[str, Any]:
        """Called before a run. Returns JSON values, which the other methods get, here and in every task of the run.

        Raises
        ------
        FlowkitError
            If the options can't be used together, or with this flow; nothing has run then.
        """
        return {}

    def current(self, configured: Mapping[str, Any]) -> Mapping[str, Any]:
        """What ``current`` answers in a task, from what :meth:`configure` returned where the run was launched."""
        return configured

    def files(self) -> Iterable[tuple[str, str]]:
        """Files for the code package: path on this machine, name in the package."""
        return ()

    def system_tags(self, configured: Mapping[str, Any]) -> Iterable[str]:
        """System tags for the run."""
        return ()

    def labels(self, configured: Mapping[str, Any]) -> Mapping[str, str]:
        """Labels for all measurements and events of the run."""
        return {}

    def run_info(self, configured: Mapping[str, Any]) -> Mapping[str, Any]:
        """Facts for the run's record, as JSON values."""
        return {}

    def launch_finished(self, flow_class: type[Any], run: RunRecord, *, succeeded: bool) -> None:
        """The run has ended and is recorded, on the launching side. Nothing raised here changes how it ended."""
        return
