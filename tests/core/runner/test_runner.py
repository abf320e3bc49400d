"""Runs that a program starts and waits for."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import stat
from pathlib import Path
from typing import Literal

import pytest

from flowkit import FlowkitError, Runner
from flowkit.errors import UnknownKeyword
from flowkit.runner import ExecutingTask


def test_values_reach_the_flow_as_they_are(flow: Path) -> None:
    with Runner(flow, show_output=False, pylint=False) as runner:
        result = runner.run(alpha=-5, Kind="two words", values={"a": [1, None]}, names=["x", "y"], tags=["t1", "t2"])
        assert (result.status, result.returncode) == ("successful", 0)
        data = result.run.data
        assert data is not None
        assert (data.alpha, data.Kind, data.values, data.names) == (-5, "two words", {"a": [1, None]}, ["x", "y"])
        assert {"t1", "t2"} <= result.run.tags
        assert "alpha is -5" in result.stdout
        assert "succeeded" in result.stderr


def test_the_signature_has_the_commands_own_parameters(flow: Path) -> None:
    with Runner(flow) as runner:
        run, resume = inspect.signature(runner.run).parameters, inspect.signature(runner.resume).parameters
        assert run["alpha"].annotation == int | None
        assert run["tags"].annotation == list[str] | None
        assert run["names"].annotation == list[str] | None
        assert run["task_start"].annotation == Literal["auto", "fork", "spawn"] | None
        assert runner.run.__annotations__["max_workers"] == int | None
        assert "step_to_rerun" in resume
        assert "alpha" not in resume
        assert not {"help", "runner_attribute_file"} & {*run, *resume}
        assert inspect.iscoroutinefunction(runner.async_run)
        assert {"run", "resume", "async_run", "async_resume"} <= set(dir(runner))
        assert not hasattr(runner, "show")


def test_an_unknown_keyword_names_what_is_near(flow: Path) -> None:
    with pytest.raises(UnknownKeyword, match=r"'decospec'.*did you mean 'decospecs'"):
        Runner(flow, decospec=["retry"])
    with Runner(flow) as runner:
        with pytest.raises(TypeError, match=r"'alhpa'.*did you mean 'alpha'"):
            runner.run(alhpa=1)
        with pytest.raises(FlowkitError, match="has no keyword 'alpha'"):
            runner.resume(alpha=1)


def test_a_wrong_value_is_told_as_the_command_tells_it(flow: Path) -> None:
    with Runner(flow, show_output=False) as runner, pytest.raises(FlowkitError, match="'--alpha': 'many'"):
        runner.run(alpha="many")


def test_resume_takes_the_step_to_rerun(flow: Path, tmp_path: Path) -> None:
    fail = tmp_path / "fail"
    fail.touch()
    with Runner(flow, show_output=False) as runner:
        first = runner.run(alpha=7, fail=str(fail))
        assert (first.status, first.returncode) == ("failed", 1)
        assert "told to fail" in first.stdout + first.stderr
        fail.unlink()
        second = runner.resume(origin_run_id=first.run.id)
        assert second.status == "successful"
        assert second.run["start"].task["alpha"].data == 7
        assert "alpha is 7" not in second.stdout
        third = runner.resume(step_to_rerun="start", origin_run_id=first.run.id)
        assert "alpha is 7" in third.stdout


def test_environment_and_working_folder(flow: Path, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    with Runner("flow.py", show_output=False, env={"COLOUR": "blue"}, cwd=place) as runner:
        run = runner.run().run
        assert run.data is not None
        assert (run["start"].task["place"].data, run["start"].task["variable"].data) == (str(place), "blue")
        assert (place / ".flowkit").is_dir()


def test_a_profile_is_that_of_the_run(flow: Path, tmp_path: Path) -> None:
    home = Path(os.environ["FLOWKIT_HOME"])
    home.mkdir(parents=True)
    (home / "config_small.json").write_text(json.dumps({"FLOWKIT_USER": "other", "USER": "other"}))
    with Runner(flow, profile="small") as runner:
        assert runner.env["FLOWKIT_PROFILE"] == "small"


def test_a_runner_within_a_task_runs_a_command(flow: Path) -> None:
    with Runner(flow, show_output=False, env={"FLOWKIT_TASK": "{}"}) as runner:
        assert runner.run().status == "successful"


def test_output_is_shown_if_asked_for(flow: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Runner(flow) as runner:
        runner.run(alpha=3)
    shown = capfd.readouterr()
    assert "alpha is 3" in shown.out
    assert "succeeded" in shown.err
    with Runner(flow, show_output=False) as runner:
        runner.run()
    assert capfd.readouterr() == ("", "")


def test_logs_are_private_and_go_away_with_the_runner(flow: Path) -> None:
    with Runner(flow, show_output=False) as runner:
        result = runner.run()
        file = Path(result.command_obj.log_files["stdout"])
        assert "alpha is 1" in file.read_text()
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in list(file.parents)[:2]] == [0o700, 0o700]
    assert not file.parent.parent.exists()
    with pytest.raises(FlowkitError, match="went away"):
        _ = result.stdout


def test_files_that_are_no_flow(tmp_path: Path) -> None:
    with pytest.raises(FlowkitError, match="there is no flow file"):
        Runner(tmp_path / "none.py")
    (tmp_path / "broken.py").write_text("1 / 0")
    with pytest.raises(FlowkitError, match="ZeroDivisionError"):
        Runner(tmp_path / "broken.py")


def test_the_attribute_file_says_where_the_run_is(flow: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    file = tmp_path / "found.json"
    command = [sys.executable, str(flow), "--quiet", "run", "--runner-attribute-file", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    found = json.loads(file.read_text())
    assert sorted(found) == ["flow_name", "metadata", "run_id"]
    assert found["flow_name"] == "RunnerFlow"
    assert found["metadata"] == f"local@{tmp_path / '.flowkit'}"


def test_configurations_are_given_as_pairs(tmp_path: Path) -> None:
    file = tmp_path / "configured.py"
    file.write_text("""
from flowkit import Config, FlowSpec, Parameter, step

class ConfiguredFlow(FlowSpec):
    sizes = Config("sizes", default_value={"n": 1})
    n = Parameter("n", default=sizes.n)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    ConfiguredFlow()
""")
    with Runner(file, show_output=False, config_value=[("sizes", {"n": 8})], decospecs=["retry"]) as runner:
        data = runner.run().run.data
        assert data is not None
        assert (data.n, data.sizes) == (8, {"n": 8})


def test_one_step_is_spun(flow: Path, tmp_path: Path) -> None:
    with Runner(flow, show_output=False, cwd=tmp_path) as runner:
        origin = runner.run(alpha=3).run
        spun = runner.spin(f"{origin.id}/end", max_log_size=1)
        assert isinstance(spun, ExecutingTask)
        assert spun.status == "successful"
        assert spun.task.pathspec.split("/")[:3] == ["RunnerFlow", spun.run.id, "end"]
        assert spun.task.data.alpha == 3
        assert "bye" in spun.task.stdout
        assert repr(spun) == f"ExecutingTask({spun.task.pathspec!r}, successful)"
        with pytest.raises(UnknownKeyword, match=r"Runner.spin\(\) takes only pathspec without its name"):
            runner.spin("end", "start")
        with pytest.raises(UnknownKeyword, match=r"Runner.spin\(\) is given 'pathspec' twice"):
            runner.spin("end", pathspec="start")
        with pytest.raises(UnknownKeyword, match=r"Runner.run\(\) takes keywords only"):
            runner.run(3)
        parameters = inspect.signature(runner.resume).parameters
        assert parameters["step_to_rerun"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        assert runner.resume("end", origin_run_id=origin.id).status == "successful"


def test_a_runner_that_was_cleaned_up_says_so(flow: Path) -> None:
    runner = Runner(flow, show_output=False)
    runner.cleanup()
    runner.cleanup()
    said = f"this Runner of {flow.name} was cleaned up, and starts nothing any more: make a new one"
    with pytest.raises(FlowkitError, match=said):
        runner.run()
    with pytest.raises(FlowkitError, match=said):
        asyncio.run(runner.async_run())
