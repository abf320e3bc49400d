"""Configurations on the command line: files, texts, the environment, parsers, and what is wrong with them."""

from __future__ import annotations

import json

import pytest

from support.distributions import Site
from support.project import Project

FLOW = """
from flowkit import Config, FlowSpec, Parameter, config_expr, current, environment, step

class Configured(FlowSpec):
    config = Config("config", default="config.json", help="how deep")
    second = Config("second")
    number = Parameter("number", default=config.number, help=config_expr("config.get('help', 'none')"))
    asked = Parameter("asked", type=int, default=lambda context: context.configs.config.number * 10)

    @environment(vars={"NUMBER": config_expr("str(config.number)")})
    @step
    def start(self):
        import os
        self.seen = [self.config.number, self.number, self.asked, os.environ["NUMBER"], self.second]
        open("config.json", "w").write("broken")
        self.next(self.end)

    @step
    def end(self):
        print("SEEN", self.config.number, *self.seen)

if __name__ == "__main__":
    Configured()
"""


@pytest.fixture
def flow(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("config.json", '{"number": 1}')
    return project


def seen(flow: Project, *arguments: str, **variables: str) -> str:
    """What the last step printed."""
    done = flow.run(*arguments, check=True, env=variables)
    return next(line for line in done.stdout.splitlines() if "SEEN" in line).partition("SEEN ")[2]


@pytest.mark.parametrize("start", ["auto", "spawn"])
def test_a_value_is_read_once_and_is_in_parameters_decorators_and_tasks(flow: Project, start: str) -> None:
    assert seen(flow, "run", "--task-start", start) == "1 1 1 10 1 None"


def test_a_file_or_a_text_is_given(flow: Project) -> None:
    flow.write("other.json", '{"number": 2}')
    assert seen(flow, "--config", "config", "other.json", "run") == "2 2 2 20 2 None"
    assert seen(flow, "--config-value", "config", '{"number": 3}', "run", "--number", "4") == "3 3 4 30 3 None"


def test_the_environment_gives_them_as_json(flow: Project) -> None:
    flow.write("other.json", '{"number": 2}')
    assert seen(flow, "run", FLOWKIT_FLOW_CONFIG='{"config": "other.json"}') == "2 2 2 20 2 None"
    assert seen(flow, "run", FLOWKIT_FLOW_CONFIG_VALUE='{"config": {"number": 5}}') == "5 5 5 50 5 None"


def test_flowkit_run_takes_them_before_the_file(flow: Project) -> None:
    done = flow.flowkit("run", "--config-value", "config", '{"number": 6}', "flow.py", check=True)
    assert "SEEN 6" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--config", "confg", "x.json"], ["no configuration 'confg'", "did you mean config"]),
        (["--config", "config", "none.json"], ["'config'", "'none.json'", "No such file"]),
        (["--config", "config", "bad.json"], ["'config'", "bad.json", "JSON", "line 2"]),
        (["--config", "config", "bad.toml"], ["'config'", "bad.toml", "TOML", "line 2"]),
        (["--config-value", "config", "[1]"], ["'config'", "list", "plain=True"]),
        (["--config", "config", "c.json", "--config-value", "config", "{}"], ["both as a file and as a value"]),
        (["--config-value", "config", '{"n": 1}'], ["config.number", "no 'number'"]),
    ],
)
def test_what_is_wrong_is_told_in_one_line(flow: Project, arguments: list[str], words: list[str]) -> None:
    flow.write("bad.json", '{"number": 1,\n "x" 2}')
    flow.write("bad.toml", "number = 1\nx = = 2")
    done = flow.run(*arguments, "run")
    assert done.returncode in (1, 2)
    assert not (flow.store / "Configured").exists()
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_usage_error_has_status_2(flow: Project) -> None:
    assert flow.run("--config", "nothing", "x", "run").returncode == 2
    done = flow.run("run", env={"FLOWKIT_FLOW_CONFIG": "{"})
    assert done.returncode == 2
    assert "FLOWKIT_FLOW_CONFIG isn't valid JSON" in done.stderr


def test_after_the_command_it_is_told_where_they_stand(flow: Project) -> None:
    done = flow.run("run", "--config", "config", "c.json")
    assert done.returncode == 2
    assert "--config stands before the command: python flow.py --config … run" in done.stderr


def test_commands_that_start_nothing_work_without_configurations(flow: Project) -> None:
    (flow.path / "config.json").unlink()
    assert "start" in flow.run("show", check=True).stdout
    assert flow.run("check").returncode == 1
    assert "--number" in flow.run("run", "--help", check=True).stdout


def test_help_lists_them_and_is_silent_without(flow: Project) -> None:
    shown = " ".join(flow.run("--help", check=True).stdout.split())
    assert "--config NAME FILE" in shown
    assert "config (how deep, default: config.json)" in shown
    assert "--config-value NAME TEXT" in shown
    flow.write("flow.py", "from flowkit import *\nclass F(FlowSpec):\n  @step\n  def start(self): pass\nF()\n")
    assert "--config" not in flow.run("--help", check=True).stdout
    done = flow.run("--config", "x", "y", "run")
    assert done.returncode == 2
    assert "F has no configuration 'x'" in done.stderr


def test_a_resumed_run_has_the_configurations_of_its_origin(flow: Project) -> None:
    flow.write("flow.py", FLOW.replace("import os\n", "import os\n        assert 'FAIL' not in os.environ\n", 1))
    failed = flow.run("--config-value", "config", '{"number": 8}', "run", env={"FAIL": "1"})
    assert failed.returncode == 1
    assert seen(flow, "resume") == "8 8 8 80 8 None"
    refused = flow.run("--config-value", "config", "{}", "resume")
    assert refused.returncode == 2
    assert "can't be given to resume" in refused.stderr
    assert seen(flow, "resume", "end", FLOWKIT_FLOW_CONFIG_VALUE='{"config": {}}') == "8 8 8 80 8 None"


PARSED = """
from flowkit import Config, FlowSpec, step

class Parsed(FlowSpec):
    config = Config("config", default="{file}"{more})

    @step
    def start(self):
        print("SEEN", self.config)

if __name__ == "__main__":
    Parsed()
"""


@pytest.mark.parametrize(
    ("file", "content", "more"),
    [
        ("c.json", '{"a": [1]}', ""),
        ("c.toml", "a = [1]", ""),
        ("c.conf", "a = [1]", ", parser='toml'"),
        ("c.conf", '{"a": [1]}', ", parser='json.loads'"),
        ("c.conf", '{"a": [1]}', ", parser=__import__('json').loads"),
    ],
)
def test_a_parser_is_named_or_follows_from_the_file(project: Project, file: str, content: str, more: str) -> None:
    project.write("flow.py", PARSED.replace("{file}", file).replace("{more}", more))
    project.write(file, content)
    assert seen(project, "run") == "{'a': [1]}"


def test_yaml_says_what_to_install(project: Project) -> None:
    project.write("flow.py", PARSED.replace("{file}", "c.yaml").replace("{more}", ""))
    project.write("c.yaml", "a: [1]\n")
    project.write("yaml.py", "raise ImportError('no yaml')")
    done = project.run("run")
    assert done.returncode == 2
    assert "pyyaml" in done.stderr


def test_yaml_where_it_is_installed(project: Project) -> None:
    pytest.importorskip("yaml")
    project.write("flow.py", PARSED.replace("{file}", "c.yml").replace("{more}", ""))
    project.write("c.yml", "a: [1]\n")
    assert seen(project, "run") == "{'a': [1]}"
    project.write("c.yml", "a: [1\nb: 2\n")
    assert "YML: line 2" in project.run("run").stderr


@pytest.mark.parametrize(
    ("parser", "words"),
    [
        ("'none'", "there is no configuration parser 'none'"),
        ("'no.such.parser'", "can't be imported"),
        ("'json.nothing'", "has no function 'nothing'"),
        ("lambda text: 1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_parser_that_is_not_there_or_fails(project: Project, parser: str, words: str) -> None:
    project.write("flow.py", PARSED.replace("{file}", "c.conf").replace("{more}", f", parser={parser}"))
    project.write("c.conf", "x")
    done = project.run("run")
    assert done.returncode == 2
    assert words in done.stderr


def test_a_plugin_brings_a_parser(project: Project, site: Site) -> None:
    site.plugin("pairs", PAIRS)
    project.environment["PYTHONPATH"] = str(site.folder)
    project.write("flow.py", PARSED.replace("{file}", "c.pairs").replace("{more}", ""))
    project.write("c.pairs", "a=1 b=2")
    assert json.loads(seen(project, "run").replace("'", '"')) == {"a": "1", "b": "2"}


PAIRS = """
def parse(text):
    return dict(part.split("=") for part in text.split())

@hookimpl
def flowkit_config_parsers():
    yield Provider("pairs", lambda: parse)
"""


def test_a_configuration_is_asked_as_a_dict_in_the_class_body_and_in_steps(project: Project) -> None:
    flow = FLOW.replace(
        'vars={"NUMBER": config_expr("str(config.number)")}', 'vars=config.get("none", {"NUMBER": "2"})'
    )
    seen = "self.seen = [os.environ['NUMBER'], *self.config.keys(), *self.config.values(), *self.config.items()]"
    project.write("flow.py", "\n".join(f"        {seen}" if "self.seen =" in row else row for row in flow.splitlines()))
    given = ("--config-value", "config", '{"number": 5}', "--config-value", "second", "{}")
    assert "SEEN 5 2 number 5 ('number', 5)" in project.run(*given, "run", check=True).stdout
