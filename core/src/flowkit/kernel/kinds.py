"""The kinds of capability: what each is called, what its providers must load, and the version of its interface."""

from __future__ import annotations

from typing import Literal

import attrs

__all__ = ["KINDS", "Kind", "kind_of"]

#: What ``Provider.load`` returns: a subclass of ``base``, a click command, any callable, a module, or anything.
Loads = Literal["class", "command", "callable", "module", "any"]


@attrs.frozen
class Kind:
    """One kind of capability."""

    #: The hook is ``flowkit_`` and this.
    name: str
    #: One of them, for messages: "no plugin provides the datastore 's4'".
    noun: str
    loads: Loads
    #: ``module:Class`` of the interface, for ``loads="class"``.
    base: str = ""
    #: The interface's present version; raised when a method is added that the core calls, or one changes.
    api_version: int = 1
    #: The oldest version that the core still works with.
    oldest_api_version: int = 1
    #: One name may be claimed once in each scope.
    scoped: bool = False

    @property
    def hook(self) -> str:
        """Name of the hook that returns the kind's providers."""
        return f"flowkit_{self.name}"


def _interface(name: str, noun: str, base: str) -> Kind:
    return Kind(name, noun, "class", f"flowkit.interfaces.{base}")


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _interface("datastores", "datastore", "datastore:Datastore"),
        _interface("metadata_providers", "metadata provider", "metadata_provider:MetadataProvider"),
        _interface("compute_backends", "compute backend", "compute_backend:ComputeBackend"),
        _interface("deployers", "deployer", "deployer:Deployer"),
        _interface("step_decorators", "step decorator", "step_decorator:StepDecorator"),
        _interface("flow_decorators", "flow decorator", "flow_decorator:FlowDecorator"),
        _interface("serializers", "serializer", "serializer:Serializer"),
        _interface("secrets_providers", "secrets provider", "secrets_provider:SecretsProvider"),
        _interface("environments", "environment", "environment:Environment"),
        Kind("commands", "command", "command", scoped=True),
        Kind("config_parsers", "configuration parser", "callable"),
        _interface("data_clients", "data client", "data_client:DataClient"),
        _interface("event_loggers", "event logger", "telemetry:EventLogger"),
        _interface("monitors", "monitor", "telemetry:Monitor"),
        Kind("modules", "module of flowkit", "module"),
        Kind("exports", "name of flowkit", "callable"),
        Kind("runner_verbs", "verb of Runner", "callable"),
        _interface("client_providers", "client provider", "client_provider:ClientProvider"),
    )
}


def kind_of(name: str) -> Kind:
    """The kind ``name``; one that a plugin has opened by a hook of its own loads anything, at version 1."""
    return KINDS.get(name) or Kind(name, name.replace("_", " ").removesuffix("s"), "any")
