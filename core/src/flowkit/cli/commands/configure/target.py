"""Which configuration file a command is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.settings import project_file, user_file

__all__ = ["target_file", "target_options"]

F = TypeVar("F", bound=Callable[..., Any])


def target_options(function: F) -> F:
    """``--profile`` and ``--project``."""
    return click.option(
        "-p",
        "--profile",
        cls=FlowkitOption,
        metavar="NAME",
        help="The file of this profile. [default: the one in force, of FLOWKIT_PROFILE]",
    )(
        click.option(
            "--project",
            cls=FlowkitOption,
            is_flag=True,
            help="The file of the project that the working folder is in.",
        )(function)
    )


def target_file(ctx: click.Context, profile: str | None, *, project: bool) -> Path:
    """The file that the options name; it may not exist.

    Raises
    ------
    click.UsageError
        If both options are given.
    ConfigurationError
        If the profile's name can't be one.
    """
    if project and profile is not None:
        raise click.UsageError("--profile and --project can't be given together", ctx)
    settings = app_context(ctx).settings
    if project:
        return project_file(settings.cwd)
    return user_file(settings.home, settings.profile if profile is None else profile)
