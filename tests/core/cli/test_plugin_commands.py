"""Commands that plugins bring: listed without being loaded, found in their own scope."""

from __future__ import annotations

import pytest

from support.project import Project

FLOW = """
from flowkit import FlowSpec

class Flow(FlowSpec):
    "A flow."

if __name__ == "__main__":
    Flow()
"""

PLUGIN = """
import sys
from flowkit.plugin import Provider, hookimpl

def load():
    print("loaded", file=sys.stderr)
    import click
    from flowkit.cli.flow_group import flow_context

    @click.command()
    @click.option("--word")
    @click.pass_context
    def greet(ctx, word):
        context = flow_context(ctx)
        context.console.message("message")
        context.console.result(f"{context.flow_class.__name__} {word} {context.options['datastore_root']}")

    return greet

@hookimpl
def flowkit_commands():
    yield Provider("greet", load, help="Greet the flow")
    yield Provider("unseen", load, help="Hidden", extra={"hidden": True})
    yield Provider("elsewhere", load, help="Of the other scope", scope="flowkit")
"""


@pytest.fixture
def plugged(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("flowkit_plugins.py", PLUGIN)
    return project


@pytest.mark.parametrize("args", [[], ["--help"], ["help"]])
def test_help_lists_a_plugins_command_and_loads_none(plugged: Project, args: list[str]) -> None:
    done = plugged.run(*args, check=True)
    assert "Greet the flow" in done.stdout
    assert "Hidden" not in done.stdout
    assert "Of the other scope" not in done.stdout
    assert done.stderr == ""


def test_a_plugins_command_gets_the_flow_and_the_options(plugged: Project) -> None:
    done = plugged.run("--datastore-root", "/r", "greet", "--word", "hi", check=True)
    assert (done.stdout, done.stderr) == ("Flow hi /r\n", "loaded\nmessage\n")


def test_quiet_leaves_messages_out(plugged: Project) -> None:
    assert plugged.run("--quiet", "greet", check=True).stderr == "loaded\n"


def test_options_of_the_flow_and_of_a_command_come_from_the_environment(plugged: Project) -> None:
    env = {"FLOWKIT_DATASTORE_ROOT": "/e", "FLOWKIT_GREET_WORD": "env", "FLOWKIT_QUIET": "1"}
    done = plugged.run("greet", env=env, check=True)
    assert (done.stdout, done.stderr) == ("Flow env /e\n", "loaded\n")
    given = plugged.run("--datastore-root", "/r", "--not-quiet", "greet", "--word", "hi", env=env, check=True)
    assert (given.stdout, given.stderr) == ("Flow hi /r\n", "loaded\nmessage\n")


def test_variables_that_the_flows_file_sets_count(plugged: Project) -> None:
    plugged.write("flow.py", "import os\nos.environ['FLOWKIT_GREET_WORD'] = 'own'\n" + FLOW)
    assert plugged.run("greet", check=True).stdout == "Flow own None\n"


@pytest.mark.parametrize(
    ("args", "env"),
    [
        (["--no-plugin", "flowkit_plugins"], {}),
        (["--no-plugin=flowkit_plugins"], {}),
        ([], {"FLOWKIT_NO_PLUGIN": "flowkit_plugins"}),
    ],
)
def test_a_plugin_can_be_left_out(plugged: Project, args: list[str], env: dict[str, str]) -> None:
    assert "greet" not in plugged.run(*args, "--help", env=env, check=True).stdout
    assert plugged.run(*args, "greet", env=env).returncode == 2


def test_a_command_of_the_other_scope_is_unknown(plugged: Project) -> None:
    assert plugged.run("elsewhere").returncode == 2
    assert plugged.flowkit("greet").returncode == 2


def test_a_command_that_cant_be_loaded_breaks_no_other(plugged: Project) -> None:
    plugged.write(
        "flowkit_plugins.py",
        """
        from flowkit.plugin import Provider, hookimpl

        def load():
            import no_such_module

        @hookimpl
        def flowkit_commands():
            yield Provider("broken", load, help="Can't be loaded")
        """,
    )
    assert "Can't be loaded" in plugged.run("--help", check=True).stdout
    done = plugged.run("broken")
    assert done.returncode == 1
    assert done.stderr.startswith("Broken plugin: ")
    assert "no_such_module" in done.stderr
    assert plugged.run("version").returncode == 0
