"""FlowKit: data-science and ML workflows.

A flow is a class, its steps are methods, and what a step sets on ``self`` is kept::

    from flowkit import FlowSpec, step

    class HelloFlow(FlowSpec):
        @step
        def start(self):
            self.greeting = "hello"
            self.next(self.end)

        @step
        def end(self):
            print(self.greeting)

    if __name__ == "__main__":
        HelloFlow()

``python hello.py run`` runs it; ``from flowkit import Flow`` reads the results.

Names are imported when they are first used, so that ``import flowkit`` costs next to nothing. A name that isn't the
core's is looked for among the decorators and exports of the plugins that are installed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from flowkit.lazy import is_from_import, resolve, table_of
from flowkit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from flowkit.authoring.config import Config
    from flowkit.authoring.config_expressions import config_expr
    from flowkit.authoring.config_value import ConfigValue
    from flowkit.authoring.current import current
    from flowkit.authoring.decorators import (
        catch,
        environment,
        parallel,
        pytorch_parallel,
        resources,
        retry,
        secrets,
        timeout,
    )
    from flowkit.authoring.flow_decorators import (
        exit_hook,
        namespaced_event_name,
        project,
        schedule,
        trigger,
        trigger_on_finish,
    )
    from flowkit.authoring.flowspec import FlowSpec
    from flowkit.authoring.include_file import IncludeFile
    from flowkit.authoring.mutators import FlowMutator, StepMutator
    from flowkit.authoring.parallel import parallel_imap_unordered, parallel_map
    from flowkit.authoring.parameters import JSONType, Parameter
    from flowkit.authoring.profile import profile
    from flowkit.authoring.serialization import serialize
    from flowkit.authoring.step import step
    from flowkit.authoring.user_decorators import USER_SKIP_STEP, UserStepDecorator, user_step_decorator
    from flowkit.client import (
        DataArtifact,
        Flow,
        FlowKit,
        Run,
        Step,
        Task,
        default_metadata,
        default_namespace,
        get_metadata,
        get_namespace,
        inspect_spin,
        metadata,
        namespace,
    )
    from flowkit.compile.mutable_flow import MutableFlow
    from flowkit.compile.mutable_step import MutableStep
    from flowkit.errors import (
        FlowkitError,
        GraphError,
        InvalidDecorator,
        InvalidNextError,
        InvalidPathspec,
        MergeArtifactsError,
        MissingInMergeArtifacts,
        NamespaceMismatch,
        NotFound,
        ParameterError,
        StepTimeout,
        TagError,
        UnhandledInMergeArtifacts,
        UnpicklableArtifact,
    )
    from flowkit.runner.deployed import DeployedFlow
    from flowkit.runner.deployer import Deployer
    from flowkit.runner.notebook import NBDeployer, NBRunner
    from flowkit.runner.runner import Runner

__all__ = [
    "USER_SKIP_STEP",
    "Config",
    "ConfigValue",
    "DataArtifact",
    "DeployedFlow",
    "Deployer",
    "Flow",
    "FlowKit",
    "FlowMutator",
    "FlowSpec",
    "FlowkitError",
    "GraphError",
    "IncludeFile",
    "InvalidDecorator",
    "InvalidNextError",
    "InvalidPathspec",
    "JSONType",
    "MergeArtifactsError",
    "MissingInMergeArtifacts",
    "MutableFlow",
    "MutableStep",
    "NBDeployer",
    "NBRunner",
    "NamespaceMismatch",
    "NotFound",
    "Parameter",
    "ParameterError",
    "Run",
    "Runner",
    "Step",
    "StepMutator",
    "StepTimeout",
    "TagError",
    "Task",
    "UnhandledInMergeArtifacts",
    "UnpicklableArtifact",
    "UserStepDecorator",
    "__version__",
    "catch",
    "config_expr",
    "current",
    "default_metadata",
    "default_namespace",
    "environment",
    "exit_hook",
    "get_metadata",
    "get_namespace",
    "inspect_spin",
    "metadata",
    "namespace",
    "namespaced_event_name",
    "parallel",
    "parallel_imap_unordered",
    "parallel_map",
    "profile",
    "project",
    "pytorch_parallel",
    "resources",
    "retry",
    "schedule",
    "secrets",
    "serialize",
    "step",
    "timeout",
    "trigger",
    "trigger_on_finish",
    "user_step_decorator",
]

_NAMES = table_of(
    {
        "flowkit.authoring.config": "Config",
        "flowkit.authoring.config_expressions": "config_expr",
        "flowkit.authoring.config_value": "ConfigValue",
        "flowkit.authoring.current": "current",
        "flowkit.authoring.decorators": "catch environment parallel pytorch_parallel resources retry secrets timeout",
        "flowkit.authoring.flow_decorators": "exit_hook namespaced_event_name project schedule trigger "
        "trigger_on_finish",
        "flowkit.authoring.flowspec": "FlowSpec",
        "flowkit.authoring.include_file": "IncludeFile",
        "flowkit.authoring.parallel": "parallel_imap_unordered parallel_map",
        "flowkit.authoring.parameters": "JSONType Parameter",
        "flowkit.authoring.profile": "profile",
        "flowkit.authoring.mutators": "FlowMutator StepMutator",
        "flowkit.authoring.serialization": "serialize",
        "flowkit.authoring.step": "step",
        "flowkit.authoring.user_decorators": "USER_SKIP_STEP UserStepDecorator user_step_decorator",
        "flowkit.compile.mutable_flow": "MutableFlow",
        "flowkit.compile.mutable_step": "MutableStep",
        "flowkit.client": "DataArtifact Flow FlowKit Run Step Task default_metadata default_namespace get_metadata "
        "get_namespace inspect_spin metadata namespace",
        "flowkit.errors": "FlowkitError GraphError InvalidDecorator InvalidNextError InvalidPathspec "
        "MergeArtifactsError MissingInMergeArtifacts NamespaceMismatch NotFound ParameterError StepTimeout TagError "
        "UnhandledInMergeArtifacts UnpicklableArtifact",
        "flowkit.runner.deployed": "DeployedFlow",
        "flowkit.runner.deployer": "Deployer",
        "flowkit.runner.notebook": "NBDeployer NBRunner",
        "flowkit.runner.runner": "Runner",
    }
)


if not TYPE_CHECKING:
    # Type checkers know the names above, and those of plugins from what `flowkit stubs` writes: any other is an error.

    def __getattr__(name: str) -> Any:
        if name in _NAMES:
            return resolve(globals(), _NAMES, name)
        if name.startswith("_"):
            raise AttributeError(f"module 'flowkit' has no attribute {name!r}")
        error = ImportError if is_from_import() else AttributeError
        try:
            return _submodule(f"flowkit.{name}") or _from_plugins(name, error)
        except ModuleNotFoundError as missing:
            # A module that is known to come with a plugin; hasattr() must get an AttributeError.
            if missing.name != f"flowkit.{name}":
                raise
            raise error(str(missing), name=name) from None


def _submodule(full_name: str) -> ModuleType | None:
    from importlib import import_module
    from importlib.util import find_spec

    return import_module(full_name) if find_spec(full_name) is not None else None


def _from_plugins(name: str, error: type[ImportError | AttributeError]) -> Any:
    from flowkit.kernel.exports import missing_name
    from flowkit.kernel.registry import default_registry

    registry = default_registry()
    for kind in ("step", "flow"):
        if name in registry.names(f"{kind}_decorators"):
            from flowkit.authoring import decorators

            value = globals()[name] = getattr(decorators, f"{kind}_decorator_factory")(name)
            return value
    if name in registry.names("exports"):
        value = globals()[name] = registry.get("exports", name)
        return value
    raise error(missing_name(name, __all__, registry), name=name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _PluginModules:
    """Finds ``flowkit.NAME`` where a plugin brings it; asked after all other finders."""

    def find_spec(
        self, full_name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, name = full_name.partition(".")
        if package != "flowkit" or name.rpartition(".")[2].startswith("_"):
            return None
        from flowkit.kernel.public_modules import find_module

        return find_module(full_name)


sys.meta_path.append(_PluginModules())
