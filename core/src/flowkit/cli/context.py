"""What one command line works with; commands get it as click's ``ctx.obj``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flowkit.cli.console import Console
from flowkit.errors import CommandError
from flowkit.kernel.provider import Scope
from flowkit.kernel.registry import Registry
from flowkit.settings import SPIN_FOLDER, Settings

if TYPE_CHECKING:
    from flowkit.authoring.config_resolution import ConfigSource
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.compile.prepare import PreparedFlow
    from flowkit.engine.session import Session

__all__ = ["AppContext", "FlowContext", "spin_stores"]


class AppContext:
    """The command line ``flowkit``: settings, plugins and streams, each made when it is first used.

    Parameters
    ----------
    blocked_plugins
        Names given by ``--no-plugin``.
    """

    scope: Scope = "flowkit"

    def __init__(self, blocked_plugins: tuple[str, ...] = ()) -> None:
        self.blocked_plugins = blocked_plugins
        self.console = Console()
        self.verbose = 0
        #: The plugin whose command runs, for messages; empty for the built-in ones.
        self.command_plugin = ""

    @cached_property
    def settings(self) -> Settings:
        """The configuration, as the environment and the files say when it is first asked for."""
        return Settings.load()

    @cached_property
    def registry(self) -> Registry:
        """The plugins, with ``flowkit_plugins.py`` of the working folder, if there is one."""
        return Registry.for_flow(self.settings, self.settings.cwd / "flow", block=self.blocked_plugins)


class FlowContext(AppContext):
    """The command line of one flow."""

    scope = "flow"

    def __init__(self, flow_class: type[Any], blocked_plugins: tuple[str, ...] = ()) -> None:
        super().__init__(blocked_plugins)
        self.flow_class = flow_class
        #: Values of the options before the command, by name.
        self.options: dict[str, Any] = {}
        #: Whether the command line itself gives configurations.
        self.has_config_options = False
        self._origin_configs: dict[str, Any] | None = None

    @property
    def flow_file(self) -> str:
        """The file that the flow's class is defined in."""
        module = sys.modules[self.flow_class.__module__]
        if (file := getattr(module, "__file__", None)) is None:
            raise CommandError(
                f"{self.flow_class.__name__} isn't in a file, which its tasks need: write it to one, and run that"
            )
        return str(file)

    @cached_property
    def registry(self) -> Registry:
        """The plugins, with ``flowkit_plugins.py`` beside the flow, if there is one."""
        return Registry.for_flow(self.settings, self.flow_file, block=self.blocked_plugins)

    @property
    def script(self) -> str:
        """The flow's file as the user named it, for commands that messages suggest."""
        return sys.argv[0]

    def decospecs(self, own: tuple[str, ...] = ()) -> tuple[str, ...]:
        """All that ``--with`` gave: to the command itself, before it, and by the configuration."""
        return tuple(dict.fromkeys((*own, *self.options.get("decospecs", ()), *self.settings.default_decospecs)))

    @property
    def package_suffixes(self) -> tuple[str, ...]:
        """Ends of the names of files that are code, as ``--package-suffixes`` gives them."""
        given = str(self.options.get("package_suffixes") or "")
        return tuple(one.strip() for one in given.split(",") if one.strip())

    def compile(self, decospecs: tuple[str, ...] = ()) -> CompiledFlow:
        """The flow with the decorators of ``--with``, those of the command given here first.

        Problems of the flow are in the result; only ``flowkit.compile.compiler.check`` raises them.
        """
        from flowkit.compile.compiler import compile_flow

        return compile_flow(self.flow_class, self.registry, self.decospecs(decospecs), self.prepared)

    @cached_property
    def prepared(self) -> PreparedFlow:
        """The flow with its configurations. Where they can't be read, it says why, as the compiled one does."""
        from flowkit.compile.prepare import prepare_flow

        return prepare_flow(self.flow_class, self.registry, self._config_source())

    def check_configs(self) -> None:
        """Raise ConfigurationError if the flow's configurations can't be read."""
        if self.prepared.config_error is not None:
            raise self.prepared.config_error

    def take_configs_of(self, origin_run_id: str | None, namespace: str | None) -> None:
        """Use the configurations of the run that is resumed, or of the latest.

        Raises
        ------
        CommandError
            If the command line gives any.
        ResumeError
            If there is no such run.
        """
        from contextlib import closing

        from flowkit.authoring.config import configs_of
        from flowkit.compile.compiler import CompiledFlow
        from flowkit.engine.origin_configs import origin_configs
        from flowkit.errors import CommandError

        if self.has_config_options:
            raise CommandError(
                "--config and --config-value can't be given to resume: the configurations of the run that is resumed "
                "count"
            )
        if configs_of(self.flow_class):
            # Closed at once: tasks are forked later, from a process that has no connection.
            with closing(self.session(CompiledFlow.by_name(self.flow_class), namespace=namespace)) as session:
                self._origin_configs = origin_configs(session, origin_run_id)
        self.__dict__.pop("prepared", None)

    def use_configs(self, values: Mapping[str, Any]) -> None:
        """Take these for the flow's configurations, by name: no file, and nothing that the user gives, is read."""
        self._origin_configs = dict(values)
        self.__dict__.pop("prepared", None)

    def _config_source(self) -> ConfigSource | None:
        from flowkit.authoring.config import configs_of

        files, texts = dict(self.options.get("config", ())), dict(self.options.get("config_value", ()))
        if not files and not texts and not configs_of(self.flow_class):
            return None
        from flowkit.authoring.config_resolution import ConfigSource

        datastore = self.options.get("datastore") or self.settings.datastore
        if (file := self.options.get("local_config_file")) is not None:
            return ConfigSource(stored=_read_configs(file), datastore=datastore)
        if self._origin_configs is not None:
            # What the environment says is for new runs.
            return ConfigSource(stored=self._origin_configs, datastore=datastore)
        return ConfigSource(files, texts, datastore=datastore)

    @cached_property
    def compiled(self) -> CompiledFlow:
        """The flow, for commands that take no ``--with`` of their own."""
        return self.compile()

    def session(self, compiled: CompiledFlow | None = None, *, namespace: str | None = None) -> Session:
        """The stores that the options and the configuration name, for a flow. The caller closes it."""
        from flowkit.engine.session import Session

        # Told before anything else is made of a name that nobody provides: which ones there are.
        for kind, option in (("datastores", "datastore"), ("metadata_providers", "metadata")):
            if name := self.options.get(option):
                self.registry.entry(kind, name.partition("@")[0])
        stores = {name: self.options.get(name) for name in ("datastore", "datastore_root", "metadata")}
        if self.options.get("mode") == "spin":
            stores = spin_stores(self.settings)
        return Session(
            self.registry,
            self.settings,
            compiled or self.compiled,
            **stores,
            namespace=namespace if namespace is not None else self.settings.namespace,
        )


def spin_stores(settings: Settings) -> dict[str, str | None]:
    """Where tasks that ``spin`` ran are stored and recorded, as arguments of a session."""
    folder = str(settings.local_root().with_name(SPIN_FOLDER))
    return {"datastore": "spin", "datastore_root": folder, "metadata": f"spin@{folder}"}


def _read_configs(file: str) -> dict[str, Any]:
    import json

    try:
        with open(file, encoding="utf-8") as stream:
            values = json.load(stream)
    except (OSError, ValueError) as error:
        raise CommandError(f"--local-config-file {file} can't be read: {error}") from None
    if not isinstance(values, dict):
        raise CommandError(f"--local-config-file {file} must hold one JSON object")
    return values
