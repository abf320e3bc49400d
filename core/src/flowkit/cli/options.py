"""Options: what reads them from the environment, and those that stand before a flow's command."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click

__all__ = ["FlowkitOption", "blocked_plugins", "flow_options"]


class FlowkitOption(click.Option):
    """An option that is also read from the environment, by its long name or the name of its value.

    ``--tag`` of ``run`` is ``FLOWKIT_RUN_TAG``; as its values are collected under ``tags``, ``FLOWKIT_RUN_TAGS`` too.
    The variables are read when the command line is parsed, so that those that the flow's file sets count.
    """

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """The value of the first variable that is set and isn't empty."""
        prefix = ctx.auto_envvar_prefix
        if prefix is not None and self.allow_from_autoenv:
            long = max(self.opts, key=len).lstrip("-").replace("-", "_").upper()
            for name in dict.fromkeys((long, str(self.name).upper())):
                if value := os.environ.get(f"{prefix}_{name}"):
                    return value
        return super().resolve_envvar_value(ctx)


def blocked_plugins(args: Sequence[str]) -> tuple[str, ...]:
    """Values of ``--no-plugin`` in a command line.

    Which plugins there are decides which commands and options there are, so this is read before anything is parsed.
    """
    names: list[str] = []
    for position, arg in enumerate(args):
        if arg == "--":
            break
        option, equals, value = arg.partition("=")
        if option == "--no-plugin":
            names += [value] if equals else args[position + 1 : position + 2]
    return tuple(names)


def flow_options() -> list[click.Parameter]:
    """The options that every flow takes before the command."""
    return [
        _option("--datastore", metavar="NAME", help="Where artifacts are stored."),
        _option("--datastore-root", metavar="ROOT", help="Folder or URL of the datastore."),
        _option("--metadata", metavar="NAME[@LOCATION]", help="Where runs are recorded."),
        _option(
            "--with",
            "decospecs",
            multiple=True,
            metavar="DECORATOR",
            help="Add a decorator to every step that doesn't have it, as NAME or NAME:KEY=VALUE,… (repeatable).",
        ),
        _option("--event-logger", metavar="NAME", help="What gets events of runs and tasks: debug, or a plugin's."),
        _option("--monitor", metavar="NAME", help="What gets measurements of runs and tasks: debug, or a plugin's."),
        _option("--environment", metavar="NAME", help="What tasks run in: local, or an environment of a plugin's."),
        _option(
            "--mode",
            type=click.Choice(["spin"]),
            help="With spin, commands are about the tasks that spin ran, which are kept apart from runs.",
        ),
        # A file that hands configurations on to another process: a JSON object of values by the configurations' names.
        _option("--local-config-file", type=click.Path(exists=True, dir_okay=False), hidden=True),
        _option(
            "--package-suffixes",
            metavar="SUFFIXES",
            help="Files that are code too, by the ends of their names, separated by commas: .csv,.sql. "
            "[besides .py, .R, .RDS]",
        ),
        _option("--quiet/--not-quiet", default=False, help="Show errors and the tasks' own output only."),
        no_plugin_option(),
        verbose_option(),
        # Accepted, so that command lines written elsewhere work; the graph is always checked, by FlowKit itself.
        _option("--pylint/--no-pylint", default=True, hidden=True),
    ]


def no_plugin_option() -> click.Option:
    """``--no-plugin``: see :func:`blocked_plugins`, which acts on it."""
    return _option(
        "--no-plugin",
        multiple=True,
        metavar="PLUGIN",
        expose_value=False,
        help="Leave out a plugin (repeatable).",
        allow_from_autoenv=False,  # the settings read FLOWKIT_NO_PLUGIN
    )


def verbose_option() -> click.Option:
    """``-v``."""
    return _option("-v", "--verbose", count=True, help="Say more: why tasks start as they do, tracebacks of errors.")


def _option(*declarations: str, **attributes: Any) -> click.Option:
    return FlowkitOption(list(declarations), **attributes)
