"""What a plugin offers. Each hook returns providers, which load nothing until a capability is used.

All of these are called by :class:`flowkit.kernel.registry.Registry`, once for each registry, when a name of the kind
is first asked for or listed. The results of all plugins are collected; a name that two plugins claim is an error
naming both, and of decorators, modules and exports, which users import from ``flowkit``, none may be a name of
``flowkit`` itself. An implementation is usually a generator; it must import no SDK and do no I/O. If it raises, or what
it returns isn't as it should be, the plugin counts as broken in that part, and the others' results stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from flowkit.kernel.markers import hookspec

if TYPE_CHECKING:
    from flowkit.interfaces.client_provider import ClientProvider
    from flowkit.interfaces.compute_backend import ComputeBackend
    from flowkit.interfaces.data_client import ConfigParser, DataClient
    from flowkit.interfaces.datastore import Datastore
    from flowkit.interfaces.deployer import Deployer
    from flowkit.interfaces.environment import Environment
    from flowkit.interfaces.flow_decorator import FlowDecorator
    from flowkit.interfaces.metadata_provider import MetadataProvider
    from flowkit.interfaces.secrets_provider import SecretsProvider
    from flowkit.interfaces.serializer import Serializer
    from flowkit.interfaces.step_decorator import StepDecorator
    from flowkit.interfaces.telemetry import EventLogger, Monitor
    from flowkit.kernel.provider import Provider

# mypy takes a body that is only a docstring for a missing return unless the module says otherwise, so every
# specification returns an empty tuple. pluggy never calls it.


@hookspec
def flowkit_datastores() -> Iterable[Provider[type[Datastore]]]:
    """Stores of artifacts, by the name given to ``--datastore``, which is also the scheme of the store's URLs.

    Asked when a run, a task or a reader of results opens its store. All results are collected.
    """
    return ()


@hookspec
def flowkit_metadata_providers() -> Iterable[Provider[type[MetadataProvider]]]:
    """Where runs and tasks are recorded, by the name given to ``--metadata``.

    Asked when a run or the client opens its metadata. All results are collected.
    """
    return ()


@hookspec
def flowkit_compute_backends() -> Iterable[Provider[type[ComputeBackend]]]:
    """Where tasks run, by ``TaskSpec.backend``.

    Asked by the engine before a run, for the backends that its steps name. All results are collected.
    """
    return ()


@hookspec
def flowkit_deployers() -> Iterable[Provider[type[Deployer]]]:
    """Orchestrators that a flow is deployed to, by name.

    Asked by the commands that deploy, and by ``Deployer``. All results are collected.
    """
    return ()


@hookspec
def flowkit_step_decorators() -> Iterable[Provider[type[StepDecorator]]]:
    """Decorators of steps, by name: ``from flowkit import name`` and ``--with name:key=value``.

    Asked when a flow is compiled, in the launching process and in each task's, and when a name that the core doesn't
    have is imported from ``flowkit``. All results are collected.
    """
    return ()


@hookspec
def flowkit_flow_decorators() -> Iterable[Provider[type[FlowDecorator]]]:
    """Decorators of flow classes, by name: ``from flowkit import name``.

    Asked when a flow is compiled, and when a name that the core doesn't have is imported from ``flowkit``. All
    results are collected.
    """
    return ()


@hookspec
def flowkit_serializers() -> Iterable[Provider[type[Serializer]]]:
    """Ways to store values, each with the dotted types that it claims (``Provider.types``) and a ``priority``.

    Asked when the first artifact of a process is saved or loaded; a serializer is loaded when a value of a type that
    it claims comes, or an artifact that it wrote is read. All results are collected.
    """
    return ()


@hookspec
def flowkit_secrets_providers() -> Iterable[Provider[type[SecretsProvider]]]:
    """Sources of secrets, by source type: ``inline``, or a vault's name.

    Asked in the task's process when a step has secrets. All results are collected.
    """
    return ()


@hookspec
def flowkit_environments() -> Iterable[Provider[type[Environment]]]:
    """Interpreters with packages of their own, by the name given to ``--environment``.

    Asked by the engine before a run. All results are collected.
    """
    return ()


@hookspec
def flowkit_commands() -> Iterable[Provider[Any]]:
    """click commands, by name; ``scope="flow"`` for ``python flow.py NAME``, ``"flowkit"`` for ``flowkit NAME``,
    ``"configure"`` for ``flowkit configure NAME`` (see ``configure_command``).

    Asked by the command line when it looks up or lists commands; listing shows ``Provider.help`` and loads no
    command. One name may be claimed once in each scope. All results are collected.
    """
    return ()


@hookspec
def flowkit_config_parsers() -> Iterable[Provider[ConfigParser]]:
    """Parsers of configuration files, by name: ``Config("x", parser="yaml")``.

    Asked when a flow with such a Config starts. All results are collected.
    """
    return ()


@hookspec
def flowkit_data_clients() -> Iterable[Provider[type[DataClient]]]:
    """Readers and writers of files by URL, by scheme, for IncludeFile and data tools.

    Asked when a URL of the scheme is used. All results are collected.
    """
    return ()


@hookspec
def flowkit_event_loggers() -> Iterable[Provider[type[EventLogger]]]:
    """Takers of the framework's own structured events, by the name given to ``--event-logger``.

    Asked when a run or a task begins. All results are collected.
    """
    return ()


@hookspec
def flowkit_monitors() -> Iterable[Provider[type[Monitor]]]:
    """Takers of the framework's own measurements, by the name given to ``--monitor``.

    Asked when a run or a task begins. All results are collected.
    """
    return ()


@hookspec
def flowkit_modules() -> Iterable[Provider[ModuleType]]:
    """Public submodules of ``flowkit`` that a plugin brings, by their name below it: ``cards``, ``datatools.x``.

    Asked when ``flowkit.NAME`` is imported and the core has no such module; the module that is served re-exports the
    public names of the one that the provider loads. All results are collected.
    """
    return ()


@hookspec
def flowkit_exports() -> Iterable[Provider[Callable[..., Any]]]:
    """Classes and functions of a plugin that users import from ``flowkit``, by name: ``from flowkit import NAME``.

    Asked when a name is imported that neither the core nor a decorator has. All results are collected.
    """
    return ()


@hookspec
def flowkit_runner_verbs() -> Iterable[Provider[Callable[..., Any]]]:
    """Verbs of ``Runner``, by name: ``Runner("flow.py").NAME(...)`` calls what is loaded with the runner first.

    Asked when a verb that the core doesn't have is used. All results are collected.
    """
    return ()


@hookspec
def flowkit_client_providers() -> Iterable[Provider[type[ClientProvider]]]:
    """Builders of a cloud's clients, credentials included, by name.

    Asked by the plugins of that cloud, each time one needs a client. All results are collected.
    """
    return ()
