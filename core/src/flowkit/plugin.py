"""All that the author of a plugin imports, and how to write one.

A plugin is a module that an installed distribution names in the entry-point group ``flowkit``; in ``pyproject.toml``::

    [project]
    name = "flowkit-redis"
    version = "1.0"
    dependencies = ["flowkit>=2", "redis"]

    [project.entry-points.flowkit]
    redis = "flowkit_redis.plugin"

The module has functions that are named for hooks and marked. Those that offer something yield providers: a name, a
function that imports what the name stands for, and a line of help::

    # flowkit_redis/plugin.py
    from collections.abc import Iterable

    from flowkit.plugin import Datastore, Provider, hookimpl

    def _datastore() -> type[Datastore]:
        from flowkit_redis.datastore import RedisDatastore
        return RedisDatastore

    @hookimpl
    def flowkit_datastores() -> Iterable[Provider[type[Datastore]]]:
        yield Provider("redis", _datastore, help="Redis, for small fast artifacts")

Keep the module itself light: it is imported at every start, what its providers load is not. ``flowkit plugins list``
then shows the plugin, or what is wrong with it. A file ``flowkit_plugins.py`` beside a flow is a plugin too, with
nothing installed.

- The hooks, with when each fires and what it returns: :mod:`flowkit.kernel.hookspecs`.
- What a class of each kind must do: :mod:`flowkit.interfaces`; tests to inherit: :mod:`flowkit.testing`.
- A decorator needs a name and its arguments' defaults, and overrides what it wants to do::

      from flowkit.plugin import StepDecorator

      class Announce(StepDecorator):
          name = "announce"
          defaults = {"greeting": "hello"}

          def around(self, run, context):
              print(self.attributes["greeting"], context.spec.pathspec)
              run()

  Users write ``@announce(greeting="hi")`` after ``from flowkit import announce``, or ``--with announce:greeting=hi``.
- Order: the module attributes ``flowkit_before`` and ``flowkit_after`` are tuples of other plugins' names.
- Versions: ``Provider(..., api_version=1)`` states which version of the kind's interface the class was written for.
- Hooks of your own: ``flowkit_add_hookspecs(manager)``, with functions marked ``hookspec``.
- Errors that a user meets: subclasses of ``FlowkitError`` whose message says what was wrong, where, and what mends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.lazy import resolve, table_of

if TYPE_CHECKING:
    from flowkit.artifacts.layout import attempt_prefix, code_key
    from flowkit.artifacts.remote.cloud_clients import CloudClients
    from flowkit.artifacts.remote.content import Content
    from flowkit.artifacts.remote.datastore import RemoteDatastore
    from flowkit.artifacts.remote.location import Location
    from flowkit.artifacts.remote.parallel import map_in_order
    from flowkit.artifacts.remote.reachability import Patience, patience_for, unreachable_reason
    from flowkit.artifacts.remote.requests import ConnectionDropped, Download, ObjectChanged, RemoteObject
    from flowkit.artifacts.remote.shared_client import SharedClient
    from flowkit.cli.configuring import Found, Question, configure_command
    from flowkit.cli.context import AppContext, FlowContext
    from flowkit.cli.group import flow_context
    from flowkit.datatools import (
        Address,
        DataTools,
        ErrorFamily,
        GetObject,
        ObjectFacts,
        ObjectService,
        PutObject,
        PutOptions,
        RangeInfo,
        ServiceBusy,
        StoredObject,
        ToolsDataClient,
        patiently,
    )
    from flowkit.datatools.file_content import ObjectContent
    from flowkit.errors import (
        ConfigurationError,
        CorruptedBlobError,
        DatastoreError,
        DataToolsError,
        FlowkitError,
        InsufficientDiskSpace,
        InvalidDecorator,
        KeyNotFound,
        MetadataError,
        NewerFormatError,
        NotFound,
        ObjectAccessDenied,
        ObjectAccessFailed,
        ObjectNotFound,
        ObjectRangeError,
        ObjectURLError,
        ObjectValueError,
        StorageFull,
        StorageReadOnly,
        TagError,
    )
    from flowkit.interfaces.client_provider import ClientProvider
    from flowkit.interfaces.compute_backend import ComputeBackend, LaunchContext, Reactor, TaskListener, Timer
    from flowkit.interfaces.data_client import ConfigParser, DataClient
    from flowkit.interfaces.datastore import Buffer, Datastore, LogWriter, ObjectAside, ObjectInfo
    from flowkit.interfaces.deployer import Deployer, DeployerVerb
    from flowkit.interfaces.environment import Environment
    from flowkit.interfaces.flow_decorator import FlowDecorator, Launch
    from flowkit.interfaces.metadata_provider import MetadataProvider, Slice
    from flowkit.interfaces.secrets_provider import SecretsProvider
    from flowkit.interfaces.serializer import Serialized, Serializer
    from flowkit.interfaces.step_decorator import Attempts, StepDecorator, TaskContext
    from flowkit.interfaces.telemetry import EventLogger, Monitor
    from flowkit.interfaces.unbounded_foreach import UnboundedForeach
    from flowkit.kernel.discovery import HookspecManager
    from flowkit.kernel.markers import hookimpl, hookspec
    from flowkit.kernel.provider import Provider
    from flowkit.kernel.registry import Registry, default_registry
    from flowkit.model.artifact import ArtifactEntry, Manifest
    from flowkit.model.deployment import DeployedRun, DeployedRunStatus, Deployment, DeploymentRequest
    from flowkit.model.graph import DecoratorSpec, Graph, Node
    from flowkit.model.notification import TaskEvent
    from flowkit.model.parameter import ParameterSpec
    from flowkit.model.plan import Plan, StepPlan
    from flowkit.model.problem import Problem
    from flowkit.model.record import (
        AttemptRecord,
        Change,
        Metadatum,
        Page,
        RunFilter,
        RunRecord,
        StepRecord,
        TaskFilter,
        TaskRecord,
        TaskSearch,
    )
    from flowkit.model.secret_values import as_variables, payload_variables
    from flowkit.model.tag import changed_tags, check_tag, user_tags_of
    from flowkit.model.task import RunSpec, StoreRef, TaskOutcome, TaskSpec
    from flowkit.packaging.archive import CodeArchive
    from flowkit.packaging.framework import FrameworkPackage, pack_framework
    from flowkit.packaging.selection import CodeSource
    from flowkit.packaging.storing import CodePackage, code_source, pack_code, read_code
    from flowkit.packaging.unpack import unpack_script
    from flowkit.settings import Settings

_NAMES = table_of(
    {
        "flowkit.artifacts.layout": "attempt_prefix code_key",
        "flowkit.artifacts.remote.cloud_clients": "CloudClients",
        "flowkit.artifacts.remote.content": "Content",
        "flowkit.artifacts.remote.datastore": "RemoteDatastore",
        "flowkit.artifacts.remote.location": "Location",
        "flowkit.artifacts.remote.parallel": "map_in_order",
        "flowkit.artifacts.remote.reachability": "Patience patience_for unreachable_reason",
        "flowkit.artifacts.remote.requests": "ConnectionDropped Download ObjectChanged RemoteObject",
        "flowkit.artifacts.remote.shared_client": "SharedClient",
        "flowkit.cli.configuring": "Found Question configure_command",
        "flowkit.cli.context": "AppContext FlowContext",
        "flowkit.cli.group": "flow_context",
        "flowkit.datatools.file_content": "ObjectContent",
        "flowkit.datatools": "Address DataTools ErrorFamily GetObject ObjectFacts ObjectService PutObject PutOptions "
        "RangeInfo ServiceBusy StoredObject ToolsDataClient patiently",
        "flowkit.errors": "ConfigurationError CorruptedBlobError DataToolsError DatastoreError FlowkitError "
        "InsufficientDiskSpace "
        "InvalidDecorator KeyNotFound MetadataError NewerFormatError NotFound ObjectAccessDenied "
        "ObjectAccessFailed ObjectNotFound ObjectRangeError ObjectURLError ObjectValueError StorageFull "
        "StorageReadOnly TagError",
        "flowkit.interfaces.client_provider": "ClientProvider",
        "flowkit.interfaces.compute_backend": "ComputeBackend LaunchContext Reactor TaskListener Timer",
        "flowkit.interfaces.data_client": "ConfigParser DataClient",
        "flowkit.interfaces.datastore": "Buffer Datastore LogWriter ObjectAside ObjectInfo",
        "flowkit.interfaces.deployer": "Deployer DeployerVerb",
        "flowkit.interfaces.environment": "Environment",
        "flowkit.interfaces.flow_decorator": "FlowDecorator Launch",
        "flowkit.interfaces.metadata_provider": "MetadataProvider Slice",
        "flowkit.interfaces.secrets_provider": "SecretsProvider",
        "flowkit.interfaces.serializer": "Serialized Serializer",
        "flowkit.interfaces.step_decorator": "Attempts StepDecorator TaskContext",
        "flowkit.interfaces.unbounded_foreach": "UnboundedForeach",
        "flowkit.interfaces.telemetry": "EventLogger Monitor",
        "flowkit.kernel.discovery": "HookspecManager",
        "flowkit.kernel.markers": "hookimpl hookspec",
        "flowkit.kernel.provider": "Provider",
        "flowkit.kernel.registry": "Registry default_registry",
        "flowkit.model.artifact": "ArtifactEntry Manifest",
        "flowkit.model.deployment": "DeployedRun DeployedRunStatus Deployment DeploymentRequest",
        "flowkit.model.graph": "DecoratorSpec Graph Node",
        "flowkit.model.notification": "TaskEvent",
        "flowkit.model.parameter": "ParameterSpec",
        "flowkit.model.plan": "Plan StepPlan",
        "flowkit.model.problem": "Problem",
        "flowkit.model.record": "AttemptRecord Change Metadatum Page RunFilter RunRecord StepRecord TaskFilter "
        "TaskRecord TaskSearch",
        "flowkit.model.tag": "changed_tags check_tag user_tags_of",
        "flowkit.model.secret_values": "as_variables payload_variables",
        "flowkit.model.task": "RunSpec StoreRef TaskOutcome TaskSpec",
        "flowkit.packaging.archive": "CodeArchive",
        "flowkit.packaging.framework": "FrameworkPackage pack_framework",
        "flowkit.packaging.selection": "CodeSource",
        "flowkit.packaging.storing": "CodePackage code_source pack_code read_code",
        "flowkit.packaging.unpack": "unpack_script",
        "flowkit.settings": "Settings",
    }
)

__all__ = [
    "Address",
    "AppContext",
    "ArtifactEntry",
    "AttemptRecord",
    "Attempts",
    "Buffer",
    "Change",
    "ClientProvider",
    "CloudClients",
    "CodeArchive",
    "CodePackage",
    "CodeSource",
    "ComputeBackend",
    "ConfigParser",
    "ConfigurationError",
    "ConnectionDropped",
    "Content",
    "CorruptedBlobError",
    "DataClient",
    "DataTools",
    "DataToolsError",
    "Datastore",
    "DatastoreError",
    "DecoratorSpec",
    "DeployedRun",
    "DeployedRunStatus",
    "Deployer",
    "DeployerVerb",
    "Deployment",
    "DeploymentRequest",
    "Download",
    "Environment",
    "ErrorFamily",
    "EventLogger",
    "FlowContext",
    "FlowDecorator",
    "FlowkitError",
    "Found",
    "FrameworkPackage",
    "GetObject",
    "Graph",
    "HookspecManager",
    "InsufficientDiskSpace",
    "InvalidDecorator",
    "KeyNotFound",
    "Launch",
    "LaunchContext",
    "Location",
    "LogWriter",
    "Manifest",
    "MetadataError",
    "MetadataProvider",
    "Metadatum",
    "Monitor",
    "NewerFormatError",
    "Node",
    "NotFound",
    "ObjectAccessDenied",
    "ObjectAccessFailed",
    "ObjectAside",
    "ObjectChanged",
    "ObjectContent",
    "ObjectFacts",
    "ObjectInfo",
    "ObjectNotFound",
    "ObjectRangeError",
    "ObjectService",
    "ObjectURLError",
    "ObjectValueError",
    "Page",
    "ParameterSpec",
    "Patience",
    "Plan",
    "Problem",
    "Provider",
    "PutObject",
    "PutOptions",
    "Question",
    "RangeInfo",
    "Reactor",
    "Registry",
    "RemoteDatastore",
    "RemoteObject",
    "RunFilter",
    "RunRecord",
    "RunSpec",
    "SecretsProvider",
    "Serialized",
    "Serializer",
    "ServiceBusy",
    "Settings",
    "SharedClient",
    "Slice",
    "StepDecorator",
    "StepPlan",
    "StepRecord",
    "StorageFull",
    "StorageReadOnly",
    "StoreRef",
    "StoredObject",
    "TagError",
    "TaskContext",
    "TaskEvent",
    "TaskFilter",
    "TaskListener",
    "TaskOutcome",
    "TaskRecord",
    "TaskSearch",
    "TaskSpec",
    "Timer",
    "ToolsDataClient",
    "UnboundedForeach",
    "as_variables",
    "attempt_prefix",
    "changed_tags",
    "check_tag",
    "code_key",
    "code_source",
    "configure_command",
    "default_registry",
    "flow_context",
    "hookimpl",
    "hookspec",
    "map_in_order",
    "pack_code",
    "pack_framework",
    "patience_for",
    "patiently",
    "payload_variables",
    "read_code",
    "unpack_script",
    "unreachable_reason",
    "user_tags_of",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _NAMES:
            return resolve(globals(), _NAMES, name)
        raise AttributeError(f"module 'flowkit.plugin' has no attribute {name!r}; it offers: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
