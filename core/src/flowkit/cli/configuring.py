"""Commands that ask for settings and write them: ``flowkit configure NAME``, of plugins."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from flowkit.cli.commands.configure.target import target_file, target_options
from flowkit.cli.config_file import as_text, masked, read_file, write_file
from flowkit.cli.console import Console, is_terminal
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.errors import ConfigurationError, FlowkitError
from flowkit.settings import PREFIX, check_values

__all__ = ["Found", "Question", "configure_command"]


@attrs.frozen
class Found:
    """A default that was found in another program's configuration, and where."""

    value: str
    source: str


@attrs.frozen
class Question:
    """One setting that a configuration asks for."""

    #: Name of the setting, without the prefix.
    setting: str
    #: As ``--region``.
    option: str
    #: What the option's help and the prompt say.
    text: str
    required: bool = False
    choices: tuple[str, ...] = ()
    #: Not shown while it is typed.
    is_secret: bool = False
    #: Only by option: the prompts don't ask for it.
    by_option_only: bool = False
    #: Looks for a default where the cloud's own tools keep theirs.
    find: Callable[[], Found | None] = attrs.field(default=lambda: None)
    #: Raises FlowkitError for a value that can't be.
    check: Callable[[str], object] = attrs.field(default=lambda _: None)

    @property
    def name(self) -> str:
        """The option's name in Python."""
        return self.option.removeprefix("--").replace("-", "_")


def configure_command(name: str, help: str, questions: Sequence[Question], datastore: str) -> click.Command:  # noqa: A002
    """A command that asks for settings, or takes them from options, and writes them into a configuration file.

    Parameters
    ----------
    name, help
        Of the command.
    questions
        In the order asked. What the file sets already is the default; then what :attr:`Question.find` finds.
    datastore
        Name of the datastore that becomes the default, unless the user says no.
    """

    def callback(ctx: click.Context, /, profile: str | None, project: bool, **given: Any) -> None:
        target = target_file(ctx, profile, project=project)
        asks = not given["yes"] and is_terminal(sys.stdin)
        wizard = _Wizard(app_context(ctx).console, target, asks)
        values = {question.setting: wizard.answer(question, given[question.name]) for question in questions}
        if given["default"]:
            values["DEFAULT_DATASTORE"] = datastore
        wizard.write(values)

    command = click.Command(name, help=help, callback=click.pass_context(callback))
    command.params = [
        *(_option(question) for question in questions),
        FlowkitOption(
            ["--default/--no-default"], default=True, help=f"Make {datastore} the datastore of new runs. [default: yes]"
        ),
        FlowkitOption(["--yes"], is_flag=True, help="Ask nothing: what isn't given stays as it is, or is as found."),
    ]
    return target_options(command)


def _option(question: Question) -> click.Option:
    chosen: Any = click.Choice(question.choices) if question.choices else str
    metavar = None if question.choices else "VALUE"
    return FlowkitOption([question.option, question.name], type=chosen, metavar=metavar, help=f"{question.text}.")


class _Wizard:
    """Collects the answers for one file."""

    def __init__(self, console: Console, target: Path, asks: bool) -> None:
        self._console = console
        self._target = target
        self._asks = asks
        self._before = read_file(target)

    def answer(self, question: Question, given: str | None) -> str:
        """The value of a setting; empty for none. Raises ConfigurationError, click.UsageError."""
        if given is not None:
            question.check(given)
            return given
        before = self._before.get(f"{PREFIX}{question.setting}")
        default = "" if before is None else as_text(before)
        source = "as it was"
        if not default and (found := question.find()) is not None:
            default, source = found.value, f"from {found.source}"
        if not self._asks or question.by_option_only:
            if not default and question.required:
                raise click.UsageError(f"give {question.option}: {question.text}")
            if default and source != "as it was":
                self._console.message(f"{question.option} {_shown(question, default)}: {source}")
            if default:
                question.check(default)
            return default
        return self._ask(question, default, source)

    def _ask(self, question: Question, default: str, source: str) -> str:
        shown = f" [{_shown(question, default)}, {source}]" if default else "" if question.required else " [none]"
        while True:
            value: str = click.prompt(
                f"{question.text}{shown}",
                default="",
                show_default=False,
                hide_input=question.is_secret,
                type=click.Choice([*question.choices, ""]) if question.choices else str,
                show_choices=False,
                err=True,
            )
            value = value.strip() or default
            if not value and question.required:
                continue
            if value in ("none", "-"):
                return ""
            try:
                if value:
                    question.check(value)
                return value
            except FlowkitError as error:
                self._console.error(error.message)

    def write(self, values: Mapping[str, str]) -> None:
        """Write the file, and tell what is in it and what to do next."""
        changes = {f"{PREFIX}{name}": value for name, value in values.items()}
        check_values({name: value for name, value in changes.items() if value}, "the answers")
        merged = {name: value for name, value in {**self._before, **changes}.items() if value != ""}
        if "" in values.values() and not any(values.values()):
            raise ConfigurationError("nothing was given: see --help")
        write_file(self._target, merged)
        self._console.message(f"{self._target} was written:", bold=True)
        for name in sorted(changes):
            if name in merged:
                self._console.result(f"{name}={as_text(masked(name, merged[name]))}")
        self._console.message("flowkit status --check proves it")


def _shown(question: Question, value: str) -> str:
    return "********" if question.is_secret else value
