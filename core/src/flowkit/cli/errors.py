"""What the user sees when a command fails, and the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from flowkit.cli.console import flush_stdout, give_up, may_colour
from flowkit.cli.context import AppContext
from flowkit.errors import FlowkitError, InternalError

if TYPE_CHECKING:
    from flowkit.kernel.plugin_info import FoundPlugin
    from flowkit.kernel.registry import Registry

__all__ = ["run_guarded"]

#: Exit status where the command line was used wrongly.
USAGE = 2


def run_guarded(action: Callable[[], object], context: AppContext) -> int:
    """Call ``action``; turn whatever it raises into a message on stderr and an exit status."""
    try:
        action()
        flush_stdout()
    except click.exceptions.Exit as done:
        return _flushed(done.exit_code, context)
    except click.ClickException as error:
        _show_usage_error(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _say("Interrupted", "")
        return 1
    except BrokenPipeError as error:
        # A plugin's connection may have been closed, and not our stdout; its command may write to that.
        if context.command_plugin or _at_fault(error, context) is None:
            give_up(sys.stdout)
        else:
            _show(error, context)
        return 1
    except FlowkitError as error:
        _show(error, context)
        return error.exit_code
    except SystemExit as error:
        # A command that is a plugin's may end so; other parts of plugins have no say in how a command ends.
        if context.command_plugin or _at_fault(error, context) is None:
            raise
        _show(error, context)
        return 1
    except Exception as error:
        _show(_refused() or error, context)
        return 1
    return 0


def _at_fault(error: BaseException, context: AppContext) -> tuple[FoundPlugin, str] | None:
    """The plugin that an unforeseen error is a bug of, and where; the registry isn't made for that."""
    registry: Registry | None = vars(context).get("registry")
    return None if registry is None else registry.at_fault(error)


def _refused() -> FlowkitError | None:
    """The error of a stdout that takes no more, if that is what is wrong."""
    try:
        flush_stdout()
    except FlowkitError as error:
        return error
    except OSError:
        give_up(sys.stdout)
    return None


def _flushed(code: int, context: AppContext) -> int:
    try:
        flush_stdout()
    except BrokenPipeError:
        give_up(sys.stdout)
        return 1
    except FlowkitError as error:
        _show(error, context)
        return error.exit_code
    return code


def _show(error: BaseException, context: AppContext) -> None:
    if not isinstance(error, FlowkitError) or isinstance(error, InternalError):
        _show_bug(error, context)
        return
    _say(error.headline, error.message)
    if _wants_traceback(context):
        _print_traceback(error)


def _show_bug(error: BaseException, context: AppContext) -> None:
    whose = f"the plugin {context.command_plugin}" if context.command_plugin else "FlowKit"
    mend = "please report it"
    if (found := _at_fault(error, context)) is not None:
        plugin, place = found
        whose = f"the plugin {plugin.title}, {place}"
        mend = f"report it to its authors, or leave it out with --no-plugin {plugin.name}"
    text = str(error)
    what = f"{type(error).__name__}: {text}" if text and not isinstance(error, InternalError) else text
    what = what or type(error).__name__
    hint = "" if _wants_traceback(context) else "; run again with FLOWKIT_DEBUG=1 for a traceback"
    _say("Internal error", f"{what} (this is a bug of {whose}: {mend}{hint})")
    if _wants_traceback(context):
        _print_traceback(error)


def _wants_traceback(context: AppContext) -> bool:
    return bool(context.verbose or os.environ.get("FLOWKIT_DEBUG"))


def _show_usage_error(error: click.ClickException) -> None:
    if isinstance(error, click.UsageError) and error.ctx is not None:
        # The usage line alone: the rest of click's own text is the hint that follows the message here.
        _write(error.ctx.get_usage())
        message = error.format_message()
        _say("Usage error", f"{message[:1].lower()}{message[1:]}" if message[1:2].islower() else message)
        _write(f"Try: {error.ctx.command_path} --help")
        return
    _say("Usage error" if error.exit_code == USAGE else "Error", error.format_message())


def _say(headline: str, message: str) -> None:
    head = f"{headline}:" if message else headline
    if may_colour(sys.stderr):
        head = click.style(head, fg="red", bold=True)
    _write(f"{head} {message}" if message else head)


def _write(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:  # nobody reads stderr any more; the exit status still tells
        give_up(sys.stderr)


def _print_traceback(error: BaseException) -> None:
    import traceback

    _write("".join(traceback.format_exception(error)).rstrip("\n"))
