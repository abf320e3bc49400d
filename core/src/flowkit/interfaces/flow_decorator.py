"""What a decorator on a flow may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from flowkit.errors import InvalidDecorator
from flowkit.model.graph import DecoratorSpec, Graph
from flowkit.model.problem import Problem

__all__ = ["FlowDecorator"]


class FlowDecorator:
    """Base of all flow decorators."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str]
    defaults: ClassVar[Mapping[str, Any]] = {}
    allow_multiple: ClassVar[bool] = False

    def __init__(self, spec: DecoratorSpec) -> None:
        unknown = sorted(set(spec.attributes) - set(self.defaults))
        if unknown:
            known = ", ".join(self.defaults) or "none"
            raise InvalidDecorator(f"{spec.origin}: @{self.name} has no argument {unknown[0]!r}; it takes: {known}")
        self.spec = spec
        self.attributes: dict[str, Any] = {**self.defaults, **spec.attributes}

    @classmethod
    def options(cls) -> Iterable[Any]:
        """click parameters that the flow's command line gets at its top level."""
        return ()

    def check(self, graph: Graph) -> Iterable[Problem]:
        """Problems with this decorator on this flow."""
        return ()

    def configure(self, flow_class: type[Any], graph: Graph, options: Mapping[str, Any]) -> Mapping[str, Any]:
        """Called before a run, with the values of the command line's top-level options.

        Returns JSON values that every task of the run is to know: they are given to :meth:`current` there.

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

    def system_tags(self, options: Mapping[str, Any]) -> Iterable[str]:
        """System tags for the run."""
        return ()

    def launch_finished(self, flow_class: type[Any], run_id: str, *, succeeded: bool) -> None:
        """The run has ended, on the launching side."""
        return
