"""Where the command line writes: messages to stderr, results to stdout, each with colours only if it may have them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import click

from flowkit.errors import FlowkitError

__all__ = ["Console", "duration", "flush_stdout", "give_up", "is_terminal", "may_colour", "open_missing_streams"]


def is_terminal(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal."""
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def may_colour(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that shows colours, and the user wants them (NO_COLOR isn't set)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def give_up(stream: TextIO) -> None:
    """Nobody reads ``stream`` any more: what is still written to it, at exit for one, goes nowhere and can't fail."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def flush_stdout() -> None:
    """Write out what waits for stdout. Raises BrokenPipeError, and FlowkitError if stdout takes no more."""
    with _results_refused():
        sys.stdout.flush()


@contextmanager
def _results_refused() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up(sys.stdout)
        raise FlowkitError(f"the output can't be written to stdout: {error.strerror or error}") from error


def open_missing_streams() -> None:
    """Give this process those of its three streams that it was started without (``command >&-``), over /dev/null.

    Without them, the next file that is opened would get the stream's number, and what is meant for the stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free number is taken, which is the stream's own.
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - for the process's life


def duration(seconds: float) -> str:
    """A time that passed, as people read it: ``0.3 s``, ``2 min 5 s``, ``3 h 20 min``.

    >>> duration(0.26), duration(125), duration(12000)
    ('0.3 s', '2 min 5 s', '3 h 20 min')
    """
    if seconds < 59.95:
        return f"{max(seconds, 0.0):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


class Console:
    """The two streams of one command.

    Parameters
    ----------
    quiet
        Whether messages are left out; errors and results never are.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    def message(self, text: str, **style: Any) -> None:
        """Say something to the user, on stderr, unless the command is to be quiet."""
        if not self.quiet:
            self._write(sys.stderr, text, style)

    def error(self, text: str, **style: Any) -> None:
        """Say what went wrong, on stderr, quiet or not."""
        self._write(sys.stderr, text, style)

    def result(self, text: str) -> None:
        """Write a line of what the command was asked for, on stdout. May be styled text already.

        Raises FlowkitError if stdout takes no more (a full disk), as :meth:`result_bytes` does.
        """
        self._write(sys.stdout, text, {})

    def result_bytes(self, data: bytes) -> None:
        """Write bytes to stdout exactly."""
        flush_stdout()
        with _results_refused():
            sys.stdout.buffer.write(data)

    def _write(self, stream: TextIO, text: str, style: dict[str, Any]) -> None:
        colour = may_colour(stream)
        styled = click.style(text, **style) if colour and style else text
        if stream is sys.stdout:
            with _results_refused():
                click.echo(styled, file=stream, color=colour)
        else:
            # Where both streams go to one place, what is written first comes first.
            flush_stdout()
            click.echo(styled, file=stream, color=colour)
