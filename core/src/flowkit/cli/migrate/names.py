"""What Metaflow's names and modules are called here."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec

import attrs

import flowkit
from flowkit.kernel.registry import Registry
from flowkit.kernel.suggestions import known_distributions

__all__ = ["THEIRS", "NameTable", "Translation"]

THEIRS = "metaflow"

_RENAMED = {
    "CommandException": "CommandError",
    "ExternalCommandFailed": "CommandError",
    "InvalidDecoratorAttribute": "InvalidDecorator",
    "InvalidNextException": "InvalidNextError",
    "Metaflow": "FlowKit",
    "MetaflowArtifacts": "TaskArtifacts",
    "MetaflowCard": "Card",
    "MetaflowCardComponent": "CardComponent",
    "MetaflowCode": "TaskCode",
    "MetaflowData": "TaskData",
    "MetaflowDataMissing": "ArtifactNotFound",
    "MetaflowEvent": "Event",
    "MetaflowException": "FlowkitError",
    "MetaflowExceptionWrapper": "CaughtException",
    "MetaflowInternalError": "InternalError",
    "MetaflowInvalidPathspec": "InvalidPathspec",
    "MetaflowNamespaceMismatch": "NamespaceMismatch",
    "MetaflowNotFound": "NotFound",
    "MetaflowObject": "ClientObject",
    "MetaflowS3AccessDenied": "S3AccessDenied",
    "MetaflowS3Exception": "S3Exception",
    "MetaflowS3InsufficientDiskSpace": "S3InsufficientDiskSpace",
    "MetaflowS3InvalidObject": "S3InvalidObject",
    "MetaflowS3InvalidRange": "S3InvalidRange",
    "MetaflowS3NotFound": "S3NotFound",
    "MetaflowS3URLException": "S3URLException",
    "MetaflowTaggingError": "TagError",
    "MetaflowUnknownUser": "ConfigurationError",
    "MissingInMergeArtifactsException": "MissingInMergeArtifacts",
    "TimeoutException": "StepTimeout",
    "UnhandledInMergeArtifactsException": "UnhandledInMergeArtifacts",
}
#: Modules that have another name here; one that isn't in the table has the same below ``flowkit``.
_MODULES = {
    THEIRS: "flowkit",
    "metaflow.client.core": "flowkit.client",
    "metaflow.exception": "flowkit.errors",
    "metaflow.runner.metaflow_runner": "flowkit.runner.runner",
    "metaflow.runner.nbrun": "flowkit.runner.notebook",
}
#: Where else a name may be, in this order.
_ELSEWHERE = (
    "flowkit",
    "flowkit.errors",
    "flowkit.client",
    "flowkit.client.base",
    "flowkit.cards",
    "flowkit.parameters",
    "flowkit.events",
    "flowkit.runner.executing",
    "flowkit.authoring.inputs",
)
_KINDS = ("step_decorators", "flow_decorators", "exports")


@attrs.frozen
class Translation:
    """A name here."""

    module: str
    name: str
    #: What the user must know besides; empty for nothing.
    note: str = ""


class NameTable:
    """Metaflow's names and modules, with what FlowKit and its plugins have."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._offered: dict[str, frozenset[str] | None] = {}

    def name(self, module: str, name: str) -> Translation | None:
        """What ``name`` of Metaflow's ``module`` is here; None if there is no such thing.

        A name that is a module of its own is one, too: ``cards`` of ``metaflow``.
        """
        if (full := self.module(f"{module}.{name}")) is not None:
            parent, _, last = full.rpartition(".")
            return Translation(parent, last, self._note(full.partition(".")[2], ("modules",)))
        new = _RENAMED.get(name, name)
        own = self.module(module)
        for candidate in dict.fromkeys((*([own] if own else []), *_ELSEWHERE)):
            if self._has(candidate, new):
                note = self._note(new, _KINDS) if candidate == "flowkit" else ""
                return Translation(candidate, new, note)
        return None

    def module(self, module: str) -> str | None:
        """What a module of Metaflow's is here; None if there is none."""
        if module in _MODULES:
            return _MODULES[module]
        name = module.removeprefix(f"{THEIRS}.")
        public = {"cards", "client", "events", "parameters", "runner"}
        if name in public or name in self._registry.names("modules") or known_distributions(name, ("modules",)):
            return f"flowkit.{name}"
        return None

    def _has(self, module: str, name: str) -> bool:
        if module == "flowkit":
            return self._is_exported(name)
        if module not in self._offered:
            self._offered[module] = _public_names(module)
        offered = self._offered[module]
        # A module that isn't installed is taken at its word, but for names that are someone else's surely.
        return name in offered if offered is not None else module == "flowkit.cards" and name in _CARDS

    def _is_exported(self, name: str) -> bool:
        installed = any(name in self._registry.names(kind) for kind in _KINDS)
        return name in flowkit._NAMES or installed or bool(known_distributions(name, _KINDS))

    def _note(self, name: str, kinds: Iterable[str]) -> str:
        wanted = tuple(kinds)
        known = known_distributions(name, wanted)
        if name in flowkit._NAMES or not known or any(name in self._registry.names(kind) for kind in wanted):
            return ""
        return f"{name!r} comes with {known[0].name}, which isn't installed here"


#: Components, where the plugin that has them isn't installed.
_CARDS = frozenset(
    {"Artifact", "Artifacts", "Card", "CardComponent", "DAG", "Error", "Image", "Log", "Markdown", "ProgressBar"}
    | {"PythonCode", "Table", "ValueBox", "VegaChart", "get_cards"}
)


def _public_names(module: str) -> frozenset[str] | None:
    try:
        if find_spec(module) is None:
            return None
        loaded = import_module(module)
    except ImportError:
        return None
    names = getattr(loaded, "__all__", None) or [name for name in vars(loaded) if not name.startswith("_")]
    return frozenset(names)
