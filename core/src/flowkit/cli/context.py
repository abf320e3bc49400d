"""What one command line works with; commands get it as click's ``ctx.obj``."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flowkit.cli.console import Console
from flowkit.kernel.provider import Scope
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings

if TYPE_CHECKING:
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.engine.session import Session

__all__ = ["AppContext", "FlowContext"]


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

    @property
    def flow_file(self) -> str:
        """The file that the flow's class is defined in."""
        return str(sys.modules[self.flow_class.__module__].__file__)

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

    def compile(self, decospecs: tuple[str, ...] = ()) -> CompiledFlow:
        """The flow with the decorators of ``--with``, those of the command given here first.

        Problems of the flow are in the result; only ``flowkit.compile.compiler.check`` raises them.
        """
        from flowkit.compile.compiler import compile_flow

        return compile_flow(self.flow_class, self.registry, self.decospecs(decospecs))

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
        return Session(
            self.registry,
            self.settings,
            compiled or self.compiled,
            datastore=self.options.get("datastore"),
            datastore_root=self.options.get("datastore_root"),
            metadata=self.options.get("metadata"),
            namespace=namespace if namespace is not None else self.settings.namespace,
        )
