"""``@secrets``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import attrs

from flowkit.builtin.step_decorators.arguments import refuse
from flowkit.errors import FlowkitError
from flowkit.interfaces.step_decorator import StepDecorator, TaskContext
from flowkit.model.graph import DecoratorSpec

__all__ = ["SecretsDecorator"]

_EXPECTED = "a list of 'TYPE.ID' or {'type': …, 'id': …, 'options': {…}, 'role': …}"
_is_variable = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch


@attrs.frozen
class _Source:
    type: str
    secret_id: str | None
    options: Mapping[str, Any]
    role: str | None

    @property
    def title(self) -> str:
        return f"{self.type}.{self.secret_id}" if self.secret_id else self.type


class SecretsDecorator(StepDecorator):
    """Sets environment variables from secrets, before the step's code runs; their values are redacted in its output.

    ``sources`` is a list of ``"TYPE.ID"`` or of dicts with ``type``, ``id``, ``options`` and ``role``, where the type
    is a secrets provider's name. ``role`` is for sources that name none. Two sources that set one variable are an
    error, and so is a variable that is set already, unless ``allow_override``.
    """

    name = "secrets"
    defaults: ClassVar[Mapping[str, Any]] = {"sources": [], "role": None, "allow_override": False}
    # Further out than what may need the variables, further in than what handles failures.
    order = 90

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        sources = self.attributes["sources"]
        if isinstance(sources, str | Mapping) or not isinstance(sources, Iterable):
            raise refuse(spec, "sources", sources, _EXPECTED)
        if not isinstance(self.attributes["allow_override"], bool):
            raise refuse(spec, "allow_override", self.attributes["allow_override"], "True or False")
        self._sources = [self._source(source) for source in sources]

    def _source(self, source: Any) -> _Source:
        role = self.attributes["role"]
        if isinstance(source, str):
            kind, _, secret_id = source.partition(".")
            if kind and secret_id:
                return _Source(kind, secret_id, {}, role)
        elif isinstance(source, Mapping) and source.get("type") and set(source) <= {"type", "id", "options", "role"}:
            options = source.get("options") or {}
            if isinstance(options, Mapping):
                return _Source(str(source["type"]), source.get("id"), options, source.get("role") or role)
        # Not the value: an inline secret may be in it.
        raise refuse(self.spec, "sources", "…", _EXPECTED)

    def around(self, run: Callable[[], None], context: TaskContext) -> None:
        """Fetch all, then set all, then run the step."""
        variables: dict[str, str] = {}
        origin: dict[str, str] = {}
        for source in self._sources:
            for name, value in _fetch(source).items():
                self._check(name, source, origin)
                variables[name], origin[name] = value, source.title
        context.add_secrets(variables.values())
        os.environ.update(variables)
        run()

    def _check(self, name: str, source: _Source, origin: Mapping[str, str]) -> None:
        step = self.spec.origin
        if not _is_variable(name) or name.startswith("FLOWKIT_"):
            raise FlowkitError(f"{step}: the secret {source.title} sets {name!r}, which can't be set by a secret")
        if name in origin:
            raise FlowkitError(f"{step}: the secrets {origin[name]} and {source.title} both set {name}: take one out")
        if name in os.environ and not self.attributes["allow_override"]:
            raise FlowkitError(
                f"{step}: the secret {source.title} sets {name}, which is set already: "
                "@secrets(allow_override=True) lets it"
            )


def _fetch(source: _Source) -> Mapping[str, str]:
    from flowkit.kernel.registry import default_registry

    provider = default_registry().get("secrets_providers", source.type)()
    found: Mapping[str, str] = provider.fetch(source.secret_id, source.options, source.role)
    return found
