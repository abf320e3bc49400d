"""``python flow.py …``: the group of a flow's commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from flowkit.authoring.config import configs_of
from flowkit.authoring.decorators import flow_decorators_of
from flowkit.cli.config_options import config_options
from flowkit.cli.context import FlowContext
from flowkit.cli.group import RegistryGroup, command_rows, flow_context
from flowkit.cli.options import flow_options
from flowkit.cli.text import describe
from flowkit.errors import PluginCollision

if TYPE_CHECKING:
    from flowkit.interfaces.flow_decorator import FlowDecorator

__all__ = ["FlowGroup", "flow_context", "option_names"]


class FlowGroup(RegistryGroup):
    """Commands of one flow; its decorators may add options before the command."""

    def __init__(self, context: FlowContext) -> None:
        super().__init__(
            name=context.flow_class.__name__,
            params=[*flow_options(), *config_options(configs_of(context.flow_class))],
            callback=_keep_options,
            invoke_without_command=True,
            subcommand_metavar="COMMAND [ARGS]...",
        )
        self._context = context
        self._decorator_options: list[click.Parameter] | None = None

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options of every flow, and those of this flow's decorators."""
        if self._decorator_options is None:
            self._decorator_options = self._options_of_decorators(super().get_params(ctx))
        own = super().get_params(ctx)
        # --help stays last.
        return [*own[:-1], *self._decorator_options, *own[-1:]]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, and of the deployers, each of which is a group of commands."""
        return list(dict.fromkeys((*super().list_commands(ctx), *self._context.registry.names("deployers"))))

    def find(self, ctx: click.Context, name: str) -> click.Command:
        """Load the command ``name``, or make the group of the deployer of that name."""
        registry = self._context.registry
        if name in super().list_commands(ctx) or name not in registry.names("deployers"):
            return super().find(ctx, name)
        from flowkit.cli.deploying.group import DeployerGroup

        entry = registry.entry("deployers", name)
        if entry.plugin.name != "builtin":
            self._context.command_plugin = entry.plugin.title
        return DeployerGroup(registry.load("deployers", entry))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the flow's own description."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(describe(self._context.flow_class))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say what holds for all options."""
        formatter.write_paragraph()
        formatter.write_text(
            "Options can be set in the environment: FLOWKIT_DATASTORE for --datastore, FLOWKIT_RUN_MAX_WORKERS for "
            f"--max-workers of run. '{ctx.command_path} COMMAND --help' shows a command's own options; those of run "
            "include the flow's parameters."
        )

    def _options_of_decorators(self, own: Sequence[click.Parameter]) -> list[click.Parameter]:
        """Those of all flow decorators that the flow has. Raises PluginCollision where one would replace another."""
        registry = self._context.registry
        specs = flow_decorators_of(self._context.flow_class)
        claimed = {name: "FlowKit itself" for option in own for name in option_names(option)}
        found: list[click.Parameter] = []
        for name in dict.fromkeys(spec.name for spec in specs if spec.target is None):
            entry = registry.entry("flow_decorators", name)
            decorator: type[FlowDecorator] = registry.load("flow_decorators", entry)
            title = f"@{name} of the plugin {entry.plugin.title}"
            options = list(decorator.options())
            for option in options:
                if taken := next((one for one in option_names(option) if one in claimed), None):
                    raise PluginCollision(
                        f"the option {taken} of {title} is that of {claimed[taken]} too; "
                        f"leave it out with --no-plugin {entry.plugin.name}, or take @{name} off the flow"
                    )
            claimed |= {one: title for option in options for one in option_names(option)}
            found += options
        return found


def option_names(option: click.Parameter) -> list[str]:
    """What it is called on the command line, and where its value is kept."""
    return [*option.opts, *option.secondary_opts, *([option.name] if option.name else [])]


@click.pass_context
def _keep_options(ctx: click.Context, /, **options: Any) -> None:
    context = flow_context(ctx)
    context.options = options
    context.has_config_options = any(
        ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in ("config", "config_value")
    )
    context.verbose = options["verbose"]
    context.console.quiet = options["quiet"]
    if ctx.invoked_subcommand is None:
        _show_short_help(ctx, context)


def _show_short_help(ctx: click.Context, context: FlowContext) -> None:
    formatter = ctx.make_formatter()
    formatter.write_text(f"{context.flow_class.__name__}: {describe(context.flow_class)}")
    formatter.write_paragraph()
    formatter.write_usage(ctx.command_path, "[OPTIONS] COMMAND [ARGS]...")
    with formatter.section("Commands"):
        formatter.write_dl(command_rows(ctx))
    formatter.write_paragraph()
    formatter.write_text(f"'{ctx.command_path} --help' shows the options too.")
    context.console.result(formatter.getvalue().rstrip("\n"))
