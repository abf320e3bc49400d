"""What a run keeps and lets through: sizes of logs, widths of splits; options before the command that it obeys."""

from __future__ import annotations

import json

import pytest

from support.project import Project

WIDE = """
    import os
    from flowkit import Config, FlowSpec, step


    class Wide(FlowSpec):
        config = Config("config", default_value={"width": 101})

        @step
        def start(self):
            self.items = list(range(self.config.width))
            print("x" * 1023)
            for _ in range(int(os.environ.get("KB", "0"))):
                print("y" * 1023)
            self.next(self.each, foreach="items")

        @step
        def each(self):
            self.next(self.join)

        @step
        def join(self, inputs):
            self.next(self.end)

        @step
        def end(self):
            print()


    if __name__ == "__main__":
        Wide()
"""


@pytest.fixture
def wide(project: Project) -> Project:
    project.write("flow.py", WIDE)
    return project


def test_a_wide_foreach_is_warned_about_once(wide: Project) -> None:
    done = wide.run("run", check=True)
    assert done.stderr.count("Step start starts 101 tasks") == 1
    assert "--max-num-splits 101" in done.stderr


@pytest.mark.parametrize(
    "args", [("run", "--max-num-splits", "101"), ("--config-value", "config", '{"width": 3}', "run")]
)
def test_one_that_is_meant_or_small_isnt(wide: Project, args: tuple[str, ...]) -> None:
    assert "Step start starts" not in wide.run(*args, check=True).stderr


@pytest.mark.parametrize(
    "env", [{"FLOWKIT_MAX_NUM_SPLITS": "100"}, {"FLOWKIT_RUN_MAX_NUM_SPLITS": "100"}], ids=["setting", "option"]
)
def test_past_a_limit_of_the_configuration_it_is_refused(wide: Project, env: dict[str, str]) -> None:
    done = wide.run("run", env=env)
    assert done.returncode == 1
    assert "the foreach has 101 items, and --max-num-splits allows 100" in done.stderr


def test_the_flow_can_set_the_limit_itself(wide: Project) -> None:
    wide.write(
        "flow.py", WIDE.replace("import os\n", "import os\n    os.environ['FLOWKIT_RUN_MAX_NUM_SPLITS'] = '7'\n")
    )
    assert "allows 7" in wide.run("run").stderr


@pytest.mark.parametrize("verb", ["run", "resume"])
@pytest.mark.parametrize("how", ["option", "setting"])
def test_output_past_the_limit_is_shown_and_not_stored_and_that_is_said(wide: Project, verb: str, how: str) -> None:
    env = {"KB": "2000"}
    if verb == "resume":
        wide.run("run", "--max-num-splits", "1")
    limit = ("--max-log-size", "1") if how == "option" else ()
    if how == "setting":
        env["FLOWKIT_MAX_LOG_SIZE"] = "1"
    done = wide.run(verb, *limit, "--run-id-file", "id", env=env, check=True)
    run = (wide.path / "id").read_text()
    stored = wide.run("logs", f"{run}/start", check=True).stdout
    told = "(stdout is longer than 1 MB: what follows isn't stored; --max-log-size MB stores more)\n"
    assert stored.endswith(told)
    assert 1_000_000 < len(stored) < 1_050_000
    assert told in done.stdout
    assert len(done.stdout) > 2_000_000


def test_configurations_are_handed_on_by_a_file(wide: Project) -> None:
    (wide.path / "configs.json").write_text(json.dumps({"config": {"width": 2}}))
    done = wide.run("--local-config-file", "configs.json", "run", check=True)
    assert done.stderr.count("/each/") == 4
    (wide.path / "configs.json").write_text("[]")
    assert wide.run("--local-config-file", "configs.json", "run").returncode == 2


def test_an_environment_of_a_plugin_s_is_used_and_an_unknown_one_refused(wide: Project) -> None:
    refused = wide.run("--environment", "nowhere", "run")
    assert refused.returncode == 2
    assert "'nowhere'" in refused.stderr
    wide.write(
        "flowkit_plugins.py",
        """
        import sys
        from flowkit.plugin import Provider, hookimpl

        def load():
            from flowkit.plugin import Environment

            class Here(Environment):
                name = "here"

                def prepare(self, flow_class, graph):
                    open("prepared", "w").write(f"{flow_class.__name__} {len(graph)}")

                def interpreter(self, spec):
                    return sys.executable

            return Here

        @hookimpl
        def flowkit_environments():
            yield Provider("here", load)
        """,
    )
    done = wide.run("--environment", "here", "-v", "--config-value", "config", '{"width": 2}', "run", check=True)
    assert "it has an environment of its own" in done.stderr
    assert (wide.path / "prepared").read_text() == "Wide 4"
    assert "environment of its own" not in wide.run("--environment", "local", "-v", "run", check=True).stderr
