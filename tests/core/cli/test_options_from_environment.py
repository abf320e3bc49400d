"""Every option is read from the environment, after the flow's file was imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from flowkit.authoring.flowspec import FlowSpec
from flowkit.authoring.parameters import Parameter
from flowkit.authoring.step import step
from flowkit.cli.context import AppContext, FlowContext
from flowkit.cli.flow_group import FlowGroup
from flowkit.cli.group import RegistryGroup
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from support.project import Project


class OptionsFlow(FlowSpec):
    alpha = Parameter("the-Alpha", default=1)

    @step
    def start(self) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        return


def contexts() -> Iterator[click.Context]:
    """The root of each command line, with the core's commands only."""
    for group, context in (
        (None, FlowContext(OptionsFlow)),
        (RegistryGroup(name="flowkit", params=[]), AppContext()),
    ):
        context.__dict__["registry"] = Registry.discover(Settings.load({"FLOWKIT_PLUGINS": "-"}))
        root = group or FlowGroup(context)  # type: ignore[arg-type]
        yield click.Context(root, info_name="flowkit", obj=context, auto_envvar_prefix="FLOWKIT")


#: Read by the settings, and by variables of their own (FLOWKIT_FLOW_CONFIG, FLOWKIT_FLOW_CONFIG_VALUE).
APART = {"--help", "--no-plugin", "--config", "--config-value"}


def options_below(ctx: click.Context) -> Iterator[tuple[click.Context, click.Option]]:
    """The options of a command and of the commands below it."""
    for param in ctx.command.get_params(ctx):
        if isinstance(param, click.Option) and not APART & set(param.opts):
            yield ctx, param
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            command = ctx.command.get_command(ctx, name)
            assert command is not None
            yield from options_below(click.Context(command, parent=ctx, info_name=name))


EVERY = [(ctx, option) for root in contexts() for ctx, option in options_below(root)]


def variable(ctx: click.Context, option: click.Option) -> str:
    """``FLOWKIT_COMMAND_OPTION``."""
    names = [max(option.opts, key=len)]
    at: click.Context | None = ctx
    while at is not None and at.parent is not None:
        names.insert(0, str(at.info_name))
        at = at.parent
    return "_".join(["FLOWKIT", *(name.lstrip("-").replace("-", "_").upper() for name in names)])


def test_there_are_options_of_all_commands() -> None:
    names = {variable(ctx, option) for ctx, option in EVERY}
    assert {
        "FLOWKIT_DATASTORE",
        "FLOWKIT_DATASTORE_ROOT",
        "FLOWKIT_METADATA",
        "FLOWKIT_WITH",
        "FLOWKIT_QUIET",
        "FLOWKIT_VERBOSE",
        "FLOWKIT_RUN_THE_ALPHA",
        "FLOWKIT_RUN_MAX_WORKERS",
        "FLOWKIT_RUN_TAG",
        "FLOWKIT_RESUME_ORIGIN_RUN_ID",
        "FLOWKIT_DUMP_FILE",
        "FLOWKIT_LOGS_STDOUT",
        "FLOWKIT_TAG_LIST_FLAT",
        "FLOWKIT_CONFIGURE_IMPORT_PROFILE",
        "FLOWKIT_STATUS_JSON",
        "FLOWKIT_PLUGINS_LIST_JSON",
    } <= names


@pytest.mark.parametrize(("ctx", "option"), EVERY, ids=[variable(ctx, option) for ctx, option in EVERY])
def test_an_option_is_found_by_the_names_of_its_command_and_its_own(
    ctx: click.Context, option: click.Option, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert option.resolve_envvar_value(ctx) is None
    monkeypatch.setenv(variable(ctx, option), "value")
    assert option.resolve_envvar_value(ctx) == "value"
    monkeypatch.setenv(variable(ctx, option), "")
    assert option.resolve_envvar_value(ctx) is None


FLOW = """
    import os
    from flowkit import FlowSpec, Parameter, current, step

    os.environ.setdefault("FLOWKIT_RUN_RATIO", "0.5")

    class EnvironmentFlow(FlowSpec):
        ratio = Parameter("ratio", default=0.1)

        @step
        def start(self):
            self.seen = (self.ratio, sorted(current.tags), current.retry_count)
            if os.environ.get("FAIL") and not current.retry_count:
                raise ValueError("first")
            self.next(self.end)

        @step
        def end(self):
            print("seen", *self.seen)

    if __name__ == "__main__":
        EnvironmentFlow()
"""


@pytest.fixture
def flow(project: Project) -> Project:
    project.write("flow.py", FLOW)
    return project


def test_what_the_flow_s_file_sets_counts(flow: Project) -> None:
    assert "seen 0.5 []" in flow.run("run", check=True).stdout
    assert "seen 0.7 []" in flow.run("run", env={"FLOWKIT_RUN_RATIO": "0.7"}, check=True).stdout
    assert "seen 0.9 []" in flow.run("run", "--ratio", "0.9", env={"FLOWKIT_RUN_RATIO": "0.7"}, check=True).stdout


@pytest.mark.parametrize("name", ["FLOWKIT_RUN_TAG", "FLOWKIT_RUN_TAGS"])
def test_several_values_are_several_words(flow: Project, name: str) -> None:
    assert "seen 0.5 ['a', 'b']" in flow.run("run", env={name: "a b"}, check=True).stdout


@pytest.mark.parametrize("name", ["FLOWKIT_WITH", "FLOWKIT_DECOSPECS", "FLOWKIT_RUN_WITH", "FLOWKIT_DEFAULT_DECOSPECS"])
def test_decorators(flow: Project, name: str) -> None:
    assert "seen 0.5 [] 1" in flow.run("run", env={"FAIL": "1", name: "retry:times=1"}, check=True).stdout


def test_switches_and_stores(flow: Project, tmp_path: Path) -> None:
    quiet = flow.run("run", env={"FLOWKIT_QUIET": "1"}, check=True)
    assert "EnvironmentFlow" not in quiet.stderr.replace("EnvironmentFlow/", "")
    flow.run("run", env={"FLOWKIT_DATASTORE_ROOT": str(tmp_path / "else")}, check=True)
    assert (tmp_path / "else" / "EnvironmentFlow").is_dir()
    wrong = flow.run("run", env={"FLOWKIT_RUN_MAX_WORKERS": "many"})
    assert wrong.returncode == 2
    assert "--max-workers" in wrong.stderr
    assert flow.run("run", env={"FLOWKIT_DATASTORE": "nowhere"}).returncode == 2
    assert flow.run("run", env={"FLOWKIT_METADATA": "nowhere"}).returncode == 2


def test_a_file_to_write(flow: Project) -> None:
    flow.run("run", env={"FLOWKIT_RUN_RUN_ID_FILE": "id"}, check=True)
    run = (flow.path / "id").read_text()
    flow.run("dump", f"{run}/start", env={"FLOWKIT_DUMP_FILE": "out"}, check=True)
    assert (flow.path / "out").is_file()
