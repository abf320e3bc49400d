"""``flowkit configure``: a group; each of its commands is a file beside this one."""

from __future__ import annotations

import click

from flowkit.cli.command_group import CommandGroup
from flowkit.cli.commands.configure.export_file import export_file
from flowkit.cli.commands.configure.import_file import import_file
from flowkit.cli.commands.configure.reset import reset
from flowkit.cli.commands.configure.show import show
from flowkit.cli.context import AppContext
from flowkit.cli.group import app_context
from flowkit.errors import UnknownCapability

__all__ = ["configure"]


class _ConfigureGroup(CommandGroup):
    """The commands beside this file, and those that plugins offer in the scope ``configure``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The core's, then the plugins'."""
        return [*super().list_commands(ctx), *self._offered(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command; None if there is none of that name."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in self._offered(ctx):
            return own
        context = app_context(ctx)
        entry = context.registry.entry("commands", cmd_name, scope="configure")
        context.command_plugin = entry.plugin.title
        found: click.Command = context.registry.load("commands", entry)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that ``args`` begin with; an unknown one may be of a plugin that isn't installed."""
        if self.get_command(ctx, args[0]) is None:
            try:
                app_context(ctx).registry.entry("commands", args[0], scope="configure")
            except UnknownCapability as error:
                raise click.UsageError(error.message, ctx) from None
        return super().resolve_command(ctx, args)

    @staticmethod
    def _offered(ctx: click.Context) -> tuple[str, ...]:
        """Names of plugins' commands; none where there is no command line, as for whoever only looks at the group."""
        context = ctx.find_object(AppContext)
        return () if context is None else context.registry.names("commands", scope="configure")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write names and help of the commands; loads none of a plugin's."""
        own = [(name, command.get_short_help_str(80)) for name, command in self.commands.items()]
        providers = (entry.provider for entry in app_context(ctx).registry.providers("commands"))
        offered = [(provider.name, provider.help) for provider in providers if provider.scope == "configure"]
        with formatter.section("Commands"):
            formatter.write_dl([*own, *offered])


configure = _ConfigureGroup(
    "configure", "Show and change the configuration files.", [show, export_file, import_file, reset]
)
