"""What ``python flow.py`` says about itself."""

from __future__ import annotations

import pytest

from support.project import Project

FLOW = '''
from flowkit import FlowSpec, Parameter, step


class Hello(FlowSpec):
    """Greets.

      At length.
    """

    alpha = Parameter("alpha", default=0.5, help="learning rate")
    who = Parameter("who", help="whom to greet", required=True)
    strict = Parameter("strict", default=False)
    kind = Parameter("kind", type=["formal", "short"], default="short")
    options = Parameter("options", default={"a": 1})

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Hello()
'''

COMMANDS = ["run", "resume", "spin", "show", "check", "logs", "dump", "tag", "package", "output-dot", "output-raw"]


@pytest.fixture
def hello(project: Project) -> Project:
    project.write("flow.py", FLOW)
    return project


def listed_commands(text: str) -> list[str]:
    section = text.partition("Commands:\n")[2].partition("\n\n")[0]
    return [line.split()[0] for line in section.splitlines()]


def test_without_a_command_the_flow_and_its_commands_are_described(hello: Project) -> None:
    done = hello.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Hello: Greets.\n\nAt length.\n")
    # Plugins that are installed where the tests run may bring more.
    assert listed_commands(done.stdout)[: len(COMMANDS)] == COMMANDS
    assert "--datastore" not in done.stdout
    assert "'python flow.py --help' shows the options too." in done.stdout


def test_help_shows_the_options_before_the_command(hello: Project) -> None:
    done = hello.run("--help", check=True)
    assert "Usage: python flow.py [OPTIONS] COMMAND" in done.stdout
    assert "At length." in done.stdout
    for option in ("--datastore ", "--datastore-root", "--metadata", "--with", "--quiet", "--no-plugin", "--verbose"):
        assert option in done.stdout
    # Plugins that are installed where the tests run may bring more.
    assert listed_commands(done.stdout)[: len(COMMANDS)] == COMMANDS
    assert hello.run("help", check=True).stdout == done.stdout


@pytest.mark.parametrize("option", ["--pylint", "--local-config-file"])
def test_help_shows_no_option_that_does_nothing(hello: Project, option: str) -> None:
    assert option not in hello.run("--help", check=True).stdout


def test_every_command_has_help(hello: Project) -> None:
    for command in COMMANDS:
        done = hello.run(command, "--help", check=True)
        assert done.stdout.startswith(f"Usage: python flow.py {command}")
        assert hello.run("help", command, check=True).stdout == done.stdout


def test_the_help_of_run_shows_the_parameters_with_types_and_defaults(hello: Project) -> None:
    text = hello.run("run", "--help", check=True).stdout
    section = text.partition("Parameters of the flow:\n")[2].partition("\n\n")[0]
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in section.splitlines()}
    assert rows == {
        "--alpha": "FLOAT learning rate [default: 0.5]",
        "--who": "STR whom to greet [required]",
        "--strict": "BOOL [default: False]",
        "--kind": "[formal|short] [default: short]",
        "--options": "JSON [default: {'a': 1}]",
    }
    assert "--max-workers" in text.partition("Options:\n")[2]


def test_the_help_of_resume_shows_no_parameters(hello: Project) -> None:
    text = hello.run("resume", "--help", check=True).stdout
    assert "--alpha" not in text
    assert "--origin-run-id" in text


def test_help_of_a_flow_without_docstring_or_parameters(project: Project) -> None:
    project.write("flow.py", "from flowkit import FlowSpec\nclass Bare(FlowSpec):\n    pass\nBare()\n")
    assert project.run(check=True).stdout.startswith("Bare: The flow Bare.\n")
    assert "Parameters of the flow" not in project.run("run", "--help", check=True).stdout


def test_the_flowkit_command_lists_its_own_commands(project: Project) -> None:
    done = project.flowkit("--help", check=True)
    assert set(listed_commands(done.stdout)) >= {"run", "version", "plugins"}
    assert "resume" not in done.stdout
    assert project.flowkit(check=True).stdout == done.stdout


def test_the_flowkit_command_has_help_of_each_of_its_own_commands(project: Project) -> None:
    assert project.flowkit("help", check=True).stdout == project.flowkit("--help", check=True).stdout
    assert project.flowkit("help", "gc", check=True).stdout == project.flowkit("gc", "--help", check=True).stdout
    assert "there is no command 'none'" in project.flowkit("help", "none").stderr


def test_version(hello: Project) -> None:
    from flowkit.version import __version__

    assert hello.run("version", check=True).stdout == f"FlowKit {__version__}\n"
    assert hello.flowkit("version", check=True).stdout == f"FlowKit {__version__}\n"
