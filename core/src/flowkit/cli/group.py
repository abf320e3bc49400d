"""A click group whose commands are the registry's: listing them loads none, and running one loads that one."""

from __future__ import annotations

from typing import Any

import click

from flowkit.cli.context import AppContext, FlowContext
from flowkit.errors import UnknownCapability

__all__ = ["RegistryGroup", "app_context", "command_rows", "flow_context"]


def app_context(ctx: click.Context) -> AppContext:
    """The object that the command line was started with."""
    obj = ctx.find_object(AppContext)
    if obj is None:
        raise TypeError("a command of FlowKit needs an AppContext as click's ctx.obj")
    return obj


def flow_context(ctx: click.Context) -> FlowContext:
    """The flow's context that a command of scope ``flow`` gets."""
    obj = ctx.find_object(FlowContext)
    if obj is None:
        raise TypeError("a flow's command needs a FlowContext as click's ctx.obj")
    return obj


class RegistryGroup(click.Group):
    """Commands of the scope that ``ctx.obj`` says, from all plugins."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, the built-in ones first."""
        context = app_context(ctx)
        return list(context.registry.names("commands", scope=context.scope))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command; None if there is none of that name."""
        return self.find(ctx, cmd_name) if cmd_name in self.list_commands(ctx) else None

    def find(self, ctx: click.Context, name: str) -> click.Command:
        """Load the command ``name``, and remember whose it is.

        Raises
        ------
        click.UsageError
            If no plugin has it; the message says what is near and what to install.
        """
        context = app_context(ctx)
        try:
            entry = context.registry.entry("commands", name, scope=context.scope)
        except UnknownCapability as error:
            raise click.UsageError(error.message, ctx) from None
        if entry.plugin.name != "builtin":
            context.command_plugin = entry.plugin.title
        command: click.Command = context.registry.load("commands", entry)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str, click.Command, list[str]]:
        """The command that ``args`` begin with, and the arguments left for it."""
        return args[0], self.find(ctx, args[0]), args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write names and help of the commands, from what their providers say."""
        rows = command_rows(ctx)
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


def command_rows(ctx: click.Context) -> list[tuple[str, str]]:
    """Name and one line of help of each command; loads none."""
    context = app_context(ctx)
    rows: dict[str, str] = {}
    for entry in context.registry.providers("commands"):
        provider: Any = entry.provider
        if provider.scope == context.scope and not provider.extra.get("hidden"):
            rows.setdefault(entry.name, provider.help)
    if context.scope == "flow":
        for entry in context.registry.providers("deployers"):
            rows.setdefault(entry.name, entry.provider.help)
    return list(rows.items())
