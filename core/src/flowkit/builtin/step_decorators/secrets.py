"""``@secrets``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from flowkit.builtin.step_decorators.arguments import refuse
from flowkit.errors import BrokenPluginError, ConfigurationError, FlowkitError
from flowkit.interfaces.secrets_provider import COMMON_OPTIONS
from flowkit.interfaces.step_decorator import StepDecorator, TaskContext
from flowkit.model.graph import DecoratorSpec, Graph
from flowkit.model.problem import Problem
from flowkit.model.secret import SecretValue, masked, revealed

if TYPE_CHECKING:
    from flowkit.kernel.registry import Registry

__all__ = ["SecretsDecorator"]

_EXPECTED = "a list of 'TYPE.ID' or {'type': …, 'id': …, 'options': {…}, 'role': …}"
_is_variable = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch


@attrs.frozen
class _Source:
    #: Empty for the type that the configuration names.
    type: str
    secret_id: str | None
    #: Texts in it are masked: an inline secret is there.
    options: Mapping[str, Any] = attrs.field(repr=False)
    role: str | None

    @property
    def title(self) -> str:
        return ".".join(part for part in (self.type, self.secret_id) if part)

    def chosen(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Those that ``allow`` and ``deny`` let through, by their own names, each with ``prefix`` before its name."""
        options = revealed(self.options)
        allow = _names(options["allow"], "allow", self.title) if options.get("allow") is not None else None
        deny = _names(options.get("deny") or [], "deny", self.title)
        if missing := next((name for name in allow or () if name not in variables), None):
            raise FlowkitError(
                f"the secret {self.title} has no {missing!r}, which its option 'allow' names; it has "
                f"{', '.join(sorted(variables)) or 'nothing'}"
            )
        prefix = str(options.get("prefix") or "")
        return {
            f"{prefix}{name}": value
            for name, value in variables.items()
            if (allow is None or name in allow) and name not in deny
        }

    def shown(self) -> dict[str, Any]:
        return {"type": self.type, "id": self.secret_id, "options": sorted(map(str, self.options)), "role": self.role}


class SecretsDecorator(StepDecorator):
    """Sets environment variables from secrets, before the step's code runs; their values are redacted in its output.

    ``sources`` is a list of ``"TYPE.ID"`` or of dicts with ``type``, ``id``, ``options`` and ``role``, where the type
    is a secrets provider's name; ``"ID"`` alone is for the type that the configuration names. ``role`` is for sources
    that name none. Of any source, the options ``allow`` and ``deny`` list the variables to take or to leave out, and
    ``prefix`` is put before their names. Two sources that set one variable are an error, and so is a variable that has
    another value already, unless ``allow_override``.
    """

    name = "secrets"
    defaults: ClassVar[Mapping[str, Any]] = {"sources": [], "role": None, "allow_override": False}
    # Further out than what may need the variables, further in than what handles failures.
    order = 90

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        sources = self.attributes["sources"]
        if isinstance(sources, str | Mapping) or not isinstance(sources, Iterable):
            raise refuse(spec, "sources", SecretValue(str(sources)), _EXPECTED)
        if not isinstance(self.attributes["allow_override"], bool):
            raise refuse(spec, "allow_override", self.attributes["allow_override"], "True or False")
        self._sources = [self._source(source) for source in sources]
        self.attributes["sources"] = [source.shown() for source in self._sources]

    def _source(self, source: Any) -> _Source:
        role = self.attributes["role"]
        if isinstance(source, str):
            kind, dot, secret_id = source.partition(".")
            if kind and secret_id:
                return _Source(kind, secret_id, {}, role)
            if source and not dot:
                return _Source("", source, {}, role)
        elif isinstance(source, Mapping) and source.get("type") and set(source) <= {"type", "id", "options", "role"}:
            options = source.get("options") or {}
            if isinstance(options, Mapping):
                return _Source(str(source["type"]), source.get("id"), masked(options), source.get("role") or role)
        # Not the value: an inline secret may be in it.
        raise refuse(self.spec, "sources", SecretValue(""), _EXPECTED)

    def shown(self) -> DecoratorSpec:
        """Which secrets, without the values of their options."""
        return attrs.evolve(self.spec, attributes=self.attributes)

    def check(self, graph: Graph, step: str) -> Iterable[Problem]:
        """There are providers of all types."""
        from flowkit.compile.problems import located

        for source in self._sources:
            try:
                _provider_of(source, self._plugins())
            except FlowkitError as error:
                yield located(f"@secrets: {error.message}", self.spec.origin, "secrets", step)

    def check_deployment(self, graph: Graph, step: str) -> Iterable[Problem]:
        """No value would be kept by an orchestrator: what ``--with`` gave is in what it starts."""
        from flowkit.compile.problems import located

        if not self.spec.origin.startswith("--with"):
            return
        for source in self._sources:
            if _provider_of(source, self._plugins()).values_in_options:
                text = (
                    f"@secrets: the values of the {source.type} secret would be kept where the flow is deployed; name "
                    "a secret of a vault or a file"
                )
                yield located(text, "", "secrets", step)

    def _plugins(self) -> Registry:
        if self.registry is not None:
            found: Registry = self.registry
            return found
        from flowkit.kernel.registry import default_registry

        return default_registry()

    def around(self, run: Callable[[], None], context: TaskContext) -> None:
        """Fetch all, then set all, then run the step."""
        # In a call of its own: no frame below the step's holds a value, for tracebacks that show what is in them.
        self._set_variables(context)
        run()

    def _set_variables(self, context: TaskContext) -> None:
        variables: dict[str, str] = {}
        origin: dict[str, str] = {}
        for source in self._sources:
            for name, value in _fetch(source, self._plugins()).items():
                # At once: if the next source fails, its message may hold this one's value.
                context.add_secrets([value])
                self._check_name(name, source, origin)
                self._check_override(name, value, source)
                variables[name], origin[name] = value, source.title
        os.environ.update(variables)

    def _check_name(self, name: str, source: _Source, origin: Mapping[str, str]) -> None:
        where = self.spec.origin
        if not _is_variable(name) or name.startswith("FLOWKIT_"):
            raise FlowkitError(f"{where}: the secret {source.title} sets {name!r}, which can't be set by a secret")
        if name in origin:
            raise FlowkitError(f"{where}: the secrets {origin[name]} and {source.title} both set {name}: take one out")

    def _check_override(self, name: str, value: str, source: _Source) -> None:
        if os.environ.get(name, value) != value and not self.attributes["allow_override"]:
            raise FlowkitError(
                f"{self.spec.origin}: the secret {source.title} sets {name}, which is set already: "
                "@secrets(allow_override=True) lets it"
            )


def _provider_of(source: _Source, registry: Registry) -> Any:
    """The class that fetches it. Raises UnknownCapability, or ConfigurationError if no type is known."""
    kind = source.type or registry.settings.get("DEFAULT_SECRETS_BACKEND_TYPE")
    if not kind:
        raise ConfigurationError(
            f"the secret {source.secret_id!r} names no type: write 'TYPE.{source.secret_id}', or set "
            "FLOWKIT_DEFAULT_SECRETS_BACKEND_TYPE"
        )
    provider = registry.get("secrets_providers", kind)
    if taken := COMMON_OPTIONS & (provider.known_options or frozenset()):
        raise BrokenPluginError(
            f"{_titled(registry, kind)} names the option {min(taken)!r} as its own, which is the same for all sources "
            "and never reaches it: the plugin must give it another name"
        )
    _check_options(source, kind, provider.known_options)
    return provider


def _check_options(source: _Source, kind: str, known: frozenset[str] | None) -> None:
    if known is None or not (unknown := [str(name) for name in source.options if name not in known | COMMON_OPTIONS]):
        return
    from difflib import get_close_matches

    names = sorted(known | COMMON_OPTIONS)
    close = get_close_matches(unknown[0], names, 1)
    raise ConfigurationError(
        f"the secret {source.title} has the option {unknown[0]!r}, which {kind} doesn't know: "
        f"{f'did you mean {close[0]!r}? ' if close else ''}it knows {', '.join(names)}"
    )


def _fetch(source: _Source, registry: Registry) -> Mapping[str, str]:
    provider = _provider_of(source, registry)()
    # The role for sources that name none is as the configuration says.
    role = source.role or registry.settings.get("DEFAULT_SECRETS_ROLE")
    options = {name: value for name, value in revealed(source.options).items() if name not in COMMON_OPTIONS}
    try:
        found: Any = provider.fetch(source.secret_id, options, role)
    except FlowkitError as error:
        # It says all. Where a plugin and its SDK raised it helps no user, and would be shown as frames of theirs.
        error.__context__ = None
        raise error.with_traceback(None) from None
    # Types only: what isn't text may be a value.
    if not isinstance(found, Mapping):
        what = f"a value of type {type(found).__name__}"
    elif wrong := next((name for name in found if not isinstance(name, str)), None):
        what = f"a name of type {type(wrong).__name__}"
    elif wrong := next((name for name, value in found.items() if not isinstance(value, str)), None):
        what = f"for {wrong} a value of type {type(found[wrong]).__name__}"
    else:
        return source.chosen(found)
    kind = source.type or str(registry.settings.get("DEFAULT_SECRETS_BACKEND_TYPE"))
    raise BrokenPluginError(
        f"the secret {source.title}: {_titled(registry, kind)} returned {what}, not a mapping of names to values, all "
        "of type str; mend the plugin"
    )


def _titled(registry: Registry, kind: str) -> str:
    return f"the secrets provider {kind!r} of the plugin {registry.entry('secrets_providers', kind).plugin.title}"


def _names(value: Any, option: str, title: str) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable) or not all(isinstance(one, str) for one in value):
        raise FlowkitError(f"the option {option!r} of the secret {title} must be a list of variables' names")
    return list(value)
