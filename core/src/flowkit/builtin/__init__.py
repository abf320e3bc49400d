"""The default plugins, registered through the same hooks as any other's; imported by nobody.

Each helper lists the providers of one kind, a line a capability. What a line loads is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flowkit.kernel.markers import hookimpl
from flowkit.kernel.provider import Provider

if TYPE_CHECKING:
    from flowkit.interfaces.compute_backend import ComputeBackend
    from flowkit.interfaces.data_client import ConfigParser
    from flowkit.interfaces.datastore import Datastore
    from flowkit.interfaces.deployer import Deployer
    from flowkit.interfaces.flow_decorator import FlowDecorator
    from flowkit.interfaces.metadata_provider import MetadataProvider
    from flowkit.interfaces.secrets_provider import SecretsProvider
    from flowkit.interfaces.serializer import Serializer
    from flowkit.interfaces.step_decorator import StepDecorator
    from flowkit.interfaces.telemetry import EventLogger, Monitor
    from flowkit.settings import Settings

#: Dotted types that serializers claim; every kind of Arrow array is a subclass of the last of its row.
_ARROW = ("pyarrow.lib.Table", "pyarrow.lib.RecordBatch", "pyarrow.lib.ChunkedArray", "pyarrow.lib.Array")
_POLARS = ("polars.dataframe.frame.DataFrame", "polars.series.series.Series")


def _lazy(target: str) -> Callable[[], Any]:
    """A loader of ``module:name``."""

    def load() -> Any:
        from importlib import import_module

        module, _, name = target.partition(":")
        return getattr(import_module(module), name)

    return load


@hookimpl
def flowkit_datastores() -> Iterable[Provider[type[Datastore]]]:
    """Stores of artifacts."""
    local = _lazy("flowkit.builtin.local_datastore:LocalDatastore")
    yield Provider("local", local, help="A folder of this machine, .flowkit by default")
    spin = _lazy("flowkit.builtin.spin.datastore:SpinDatastore")
    yield Provider("spin", spin, help="What spin stores, over the store of the run whose task it runs again")


@hookimpl
def flowkit_metadata_providers() -> Iterable[Provider[type[MetadataProvider]]]:
    """Where runs are recorded."""
    local = _lazy("flowkit.builtin.sqlite_metadata:SQLiteMetadata")
    yield Provider("local", local, help="A SQLite file beside the local artifacts")
    spin = _lazy("flowkit.builtin.spin.metadata:SpinMetadata")
    yield Provider("spin", spin, help="Records of what spin ran, in .flowkit_spin")


@hookimpl
def flowkit_compute_backends() -> Iterable[Provider[type[ComputeBackend]]]:
    """Where tasks run."""
    local = _lazy("flowkit.builtin.local_compute:LocalCompute")
    yield Provider("local", local, help="Processes of this machine, forked from one that has imported the flow")
    in_process = _lazy("flowkit.builtin.in_process:InProcess")
    yield Provider("inprocess", in_process, help="The launching process itself, for the steps that --inproc names")


@hookimpl
def flowkit_deployers() -> Iterable[Provider[type[Deployer]]]:
    """Where flows are deployed."""
    local = _lazy("flowkit.builtin.local_deployer:LocalDeployer")
    yield Provider("local", local, help="Run the flow in the background of this machine, of the code as it is now")


@hookimpl
def flowkit_step_decorators() -> Iterable[Provider[type[StepDecorator]]]:
    """Decorators of steps."""
    for name, target, text in (
        ("retry", "retry:RetryDecorator", "Run a failed task again"),
        ("serialize", "serialize:SerializeDecorator", "Choose how artifacts are stored"),
        ("catch", "catch:CatchDecorator", "Go on after a failure, with the exception as an artifact"),
        ("parallel", "parallel:ParallelDecorator", "Run the tasks of a num_parallel split together"),
        (
            "pytorch_parallel",
            "pytorch_parallel:PytorchParallelDecorator",
            "Run the tasks of a num_parallel split together, as torch.distributed expects",
        ),
        ("timeout", "timeout:TimeoutDecorator", "End a task that takes too long"),
        ("environment", "environment:EnvironmentDecorator", "Set environment variables for a step"),
        ("secrets", "secrets:SecretsDecorator", "Set environment variables from secrets, redacted in the output"),
        ("resources", "resources:ResourcesDecorator", "Ask for CPUs, memory and GPUs, where the backend can give them"),
    ):
        yield Provider(name, _lazy(f"flowkit.builtin.step_decorators.{target}"), help=text)


@hookimpl
def flowkit_flow_decorators() -> Iterable[Provider[type[FlowDecorator]]]:
    """Decorators of flows."""
    for name, target, text in (
        ("project", "project:ProjectDecorator", "Make the flow one of a project, with branches"),
        ("schedule", "schedule:ScheduleDecorator", "When the flow is run where it is deployed"),
        ("trigger", "trigger:TriggerDecorator", "Events that start the flow where it is deployed"),
        ("trigger_on_finish", "trigger_on_finish:TriggerOnFinishDecorator", "Flows whose runs start it"),
        ("exit_hook", "exit_hook:ExitHookDecorator", "Call functions when a run has ended"),
        ("serialize", "serialize:SerializeDecorator", "Choose how the artifacts of all steps are stored"),
    ):
        yield Provider(name, _lazy(f"flowkit.builtin.flow_decorators.{target}"), help=text)


@hookimpl
def flowkit_serializers() -> Iterable[Provider[type[Serializer]]]:
    """Ways to store values, besides pickle."""
    for name, target, types, text in (
        ("arrow", "arrow_values:ArrowSerializer", _ARROW, "Arrow tables and arrays, mapped when they are loaded"),
        ("polars", "polars_frames:PolarsSerializer", _POLARS, "Frames and series of polars"),
        ("json", "json_values:JSONSerializer", (), "Plain values as JSON text, by choice"),
        ("parquet", "parquet_frames:ParquetSerializer", (), "Tables as Parquet files, by choice"),
    ):
        yield Provider(name, _lazy(f"flowkit.builtin.serializers.{target}"), help=text, types=types)


@hookimpl
def flowkit_secrets_providers() -> Iterable[Provider[type[SecretsProvider]]]:
    """Sources of secrets."""
    for name, target, text in (
        ("inline", "inline:InlineSecrets", "Variables that the flow itself gives"),
        ("environment", "environment:EnvironmentSecrets", "Variables of the task's environment"),
        ("file", "file:FileSecrets", "A file of JSON, of NAME=VALUE lines, or of one value"),
    ):
        yield Provider(name, _lazy(f"flowkit.builtin.secrets.{target}"), help=text)


@hookimpl
def flowkit_config_parsers() -> Iterable[Provider[ConfigParser]]:
    """Parsers of configuration files, by name and by suffix."""
    for name, target in (
        ("json", "json_text:parse_json"),
        ("toml", "toml_text:parse_toml"),
        ("yaml", "yaml_text:parse_yaml"),
        ("yml", "yaml_text:parse_yaml"),
    ):
        yield Provider(name, _lazy(f"flowkit.builtin.config_parsers.{target}"), help=f"{name.upper()} files")


@hookimpl
def flowkit_event_loggers() -> Iterable[Provider[type[EventLogger]]]:
    """Takers of events."""
    debug = _lazy("flowkit.builtin.debug_telemetry:DebugEventLogger")
    yield Provider("debug", debug, help="A line on stderr for each event")


@hookimpl
def flowkit_monitors() -> Iterable[Provider[type[Monitor]]]:
    """Takers of measurements."""
    debug = _lazy("flowkit.builtin.debug_telemetry:DebugMonitor")
    yield Provider("debug", debug, help="A line on stderr for each measurement")


@hookimpl
def flowkit_commands() -> Iterable[Provider[Any]]:
    """Commands of a flow, and of ``flowkit``."""
    for name, target, text in (
        ("run", "run:run", "Run the flow on this machine"),
        ("resume", "resume:resume", "Go on from what an earlier run finished"),
        ("spin", "spin:spin", "Run one task of an earlier run again"),
        ("show", "show:show", "Show the flow's steps, with their descriptions"),
        ("check", "check:check", "Check that the flow is valid"),
        ("logs", "logs:logs", "Show what tasks wrote, or scrub it"),
        ("dump", "dump:dump", "Show the artifacts of tasks"),
        ("tag", "tag:tag", "Show and change the tags of runs"),
        ("package", "package:package", "Show and save the code that a run stores"),
        ("output-dot", "output_dot:output_dot", "Write the flow's graph for Graphviz"),
        ("output-raw", "output_raw:output_raw", "Write the flow's graph as FlowKit has it"),
        ("version", "version:version", "Show the version of FlowKit"),
        ("help", "help:help_command", "Show the commands and options, or those of one command"),
    ):
        yield Provider(name, _lazy(f"flowkit.cli.commands.{target}"), help=text)
    yield Provider("run", _lazy("flowkit.cli.commands.run_file:run_file"), help="Run a flow's file", scope="flowkit")
    version = _lazy("flowkit.cli.commands.version:version")
    yield Provider("version", version, help="Show the version of FlowKit", scope="flowkit")
    for name, target, text in (
        ("debug", "debug:debug", "Open an attempt of an earlier run at a prompt"),
        ("configure", "configure:configure", "Show and change the configuration files"),
        ("gc", "gc:gc", "Collect garbage: runs that you choose, and what no run needs"),
        ("status", "status:status", "Show what is in force, and what it comes from"),
        ("info", "system_info:info", "Show versions, what is in force, and plugins: for reports"),
        ("show", "show_runs:show", "Show a flow's runs, a run, a step or a task"),
        ("logs", "run_logs:logs", "Show what tasks of a run wrote"),
        ("code", "code:code", "Compare and fetch the code that runs ran"),
        ("tutorials", "tutorials:tutorials", "Learn FlowKit by flows that run"),
        ("migrate", "migrate:migrate", "Rewrite flows that were written for Metaflow"),
        ("stubs", "stubs:stubs", "Write types of what plugins add, for editors and type checkers"),
        ("help", "help:help_command", "Show the commands and options, or those of one command"),
    ):
        yield Provider(name, _lazy(f"flowkit.cli.commands.{target}"), help=text, scope="flowkit")
    plugins = _lazy("flowkit.cli.commands.plugins:plugins")
    yield Provider("plugins", plugins, help="Show the plugins that are installed, and what they offer", scope="flowkit")


@hookimpl
def flowkit_username(settings: Settings) -> str:
    """The user that the settings name."""
    return settings.username


@hookimpl
def flowkit_new_run_id() -> str:
    """Microseconds since the epoch."""
    from flowkit.builtin.run_ids import new_run_id

    return new_run_id()
