"""The deployer ``local``: the contract, and what is its own."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowkit.builtin.local_deployer import LocalDeployer
from flowkit.builtin.local_deployer.folder import DeploymentFolder, deployments_root
from flowkit.errors import CommandError
from flowkit.settings import Settings
from flowkit.testing.deployer import DeployerContract
from support.processes import is_gone
from support.project import Project
from support.stopped_before import has_stopped, resumed, stopped_before


class TestContract(DeployerContract):
    deployer_class = LocalDeployer


FLOW = """
import os, subprocess, time
from flowkit import Config, FlowSpec, IncludeFile, Parameter, exit_hook, project, schedule, step
import helper

def told(run):
    open(os.environ["TOLD"], "w").write(f"{run.pathspec} {run.successful}")

@schedule(daily=True)
@exit_hook(on_success=[told])
class Background(FlowSpec):
    settings = Config("settings", default="settings.json")
    hold = Parameter("hold", default=0.0)
    words = IncludeFile("words", required=False)

    @step
    def start(self):
        self.got = (helper.NAME, self.settings.size, self.words, os.getcwd())
        if self.hold:
            child = subprocess.Popen(["sleep", str(self.hold)])
            open(os.environ["TOLD"] + ".pid", "w").write(str(child.pid))
            child.wait()
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Background()
"""


@pytest.fixture
def background(project: Project, tmp_path: Path) -> Iterator[Project]:
    """A project, its flow not deployed. No process of a run outlives the test."""
    project.write("flow.py", FLOW)
    project.write("helper.py", "NAME = 'first'\n")
    project.write("settings.json", '{"size": 3}')
    project.environment["TOLD"] = str(tmp_path / "told")
    yield project
    for run in folder_of(project).run_folders():
        run.terminate()
        wait(lambda run=run: not run.is_alive())  # type: ignore[misc]


def folder_of(project: Project, name: str = "Background") -> DeploymentFolder:
    settings = Settings.load(project.variables(), project.path)
    return DeploymentFolder(deployments_root(settings.local_root()) / name)


def trigger(project: Project, *options: str) -> str:
    """The run's id."""
    project.run("local", "trigger", "--run-id-file", "id", *options, check=True)
    return (project.path / "id").read_text()


def wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def ended(project: Project, run_id: str) -> str:
    """The status at the end."""
    run = folder_of(project).run_folder(run_id)
    wait(lambda: not run.is_alive())
    return run.run().status


def test_a_deployment_stays_as_it_was(background: Project, tmp_path: Path) -> None:
    """Modules and configurations are those of then; a file that is given is that of now, from where one is."""
    created = background.run("local", "create", check=True)
    assert "@schedule starts nothing on this machine" in created.stderr
    background.write("helper.py", "NAME = 'second'\n")
    background.write("settings.json", '{"size": 4}')
    background.write("words.txt", "one two")
    run_id = trigger(background, "--words", "words.txt")
    assert ended(background, run_id) == "succeeded"
    program = "from flowkit import Flow, namespace; namespace(None); print(Flow('Background').latest_run.data.got)"
    got = background.python("-c", program, check=True).stdout
    assert got.startswith("('first', 3, 'one two', ")
    assert (tmp_path / "told").read_text() == f"Background/{run_id} True"
    background.run("local", "create", check=True)
    assert ended(background, trigger(background)) == "succeeded"
    assert background.python("-c", program, check=True).stdout.startswith("('second', 4, None, ")
    # The first version's files are of no use any more.
    assert len(list((folder_of(background).path / "code").iterdir())) == 1


def test_a_run_outlives_what_triggered_it_and_leaves_nothing(background: Project, tmp_path: Path) -> None:
    background.run("local", "create", check=True)
    run_id = trigger(background, "--hold", "600")
    pid_file = tmp_path / "told.pid"
    wait(lambda: pid_file.exists() and pid_file.read_text() != "")
    status = background.run("local", "status", run_id, check=True).stdout
    assert status.startswith(f"Background/{run_id}  Running  ")
    background.run("local", "terminate", f"Background/{run_id}", check=True)
    assert ended(background, run_id) == "terminated"
    assert is_gone(int(pid_file.read_text()))
    again = background.run("local", "terminate", run_id, check=True)
    assert "had ended already" in again.stderr


def test_a_run_whose_process_is_killed_has_failed(background: Project, tmp_path: Path) -> None:
    background.run("local", "create", check=True)
    run_id = trigger(background, "--hold", "600")
    run = folder_of(background).run_folder(run_id)
    wait(lambda: run.started_file.exists())
    os.kill(int((run.path / "pid").read_text()), signal.SIGKILL)
    assert ended(background, run_id) == "failed"


def test_the_time_of_a_workflow(background: Project) -> None:
    background.run("local", "create", "--workflow-timeout", "1", check=True)
    assert ended(background, trigger(background, "--hold", "600")) == "timed_out"
    listed = background.run("local", "list-runs", "--timed-out", check=True).stdout
    assert "  TimedOut  " in listed
    assert background.run("local", "list-runs", "--running", "--succeeded", check=True).stdout == ""


def test_a_run_that_cannot_begin_says_why(background: Project) -> None:
    background.run("local", "create", check=True)
    code = next((folder_of(background).path / "code").iterdir())
    (code / "helper.py").unlink()
    run_id = trigger(background)
    assert ended(background, run_id) == "failed"
    shown = background.run("local", "status", run_id, check=True).stdout
    assert "No module named 'helper'" in shown


def test_deleting_while_a_run_goes_on(background: Project) -> None:
    background.run("local", "create", check=True)
    run_id = trigger(background, "--hold", "2")
    folder = folder_of(background)
    wait(lambda: folder.run_folder(run_id).started_file.exists())
    background.run("local", "delete", check=True)
    assert folder.read() is None
    assert ended(background, run_id) == "succeeded"
    background.run("local", "create", check=True)
    background.run("local", "delete", check=True)
    assert not folder.path.exists()


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "a b", "", "x" * 201])
def test_names_that_cannot_be_folders(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be a deployment's name"):
        LocalDeployer(Settings.load({}, tmp_path), {}).find(name)


def test_what_is_damaged_is_told(background: Project) -> None:
    background.run("local", "create", check=True)
    file = folder_of(background).path / "deployment.json"
    file.write_text(json.dumps({"deployment": 1}))
    done = background.run("local", "trigger")
    assert done.returncode == 1
    assert "deployment.json can't be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_create_is_told_holds_for_all_runs(background: Project) -> None:
    given = ("--namespace", "user:x", "--max-workers", "3", "--tag", "t", "--with", "retry:times=1")
    shown = background.run("local", "create", "--only-json", *given, check=True).stdout
    found = json.loads(shown)
    assert (found["namespace"], found["max_workers"], found["tags"]) == ("user:x", 3, ["t"])
    assert found["decospecs"] == ["retry:times=1"]
    background.run("local", "create", *given, check=True)
    run_id = trigger(background, "--deployer-attribute-file", "told.json")
    told = json.loads((background.path / "told.json").read_text())
    assert (told["pathspec"], told["name"]) == (f"Background/{run_id}", "Background")
    assert ended(background, run_id) == "succeeded"
    program = "from flowkit import Flow, namespace; namespace(None); print('t' in Flow('Background').latest_run.tags)"
    assert background.python("-c", program, check=True).stdout == "True\n"


@pytest.mark.parametrize("state", ["pending", "running", "succeeded", "failed", "timed-out", "terminated"])
def test_runs_are_listed_by_state(background: Project, state: str) -> None:
    background.run("local", "create", check=True)
    run_id = trigger(background)
    assert ended(background, run_id) == "succeeded"
    listed = background.run("local", "list-runs", f"--{state}", check=True).stdout
    assert listed.startswith(f"Background/{run_id}") is (state == "succeeded")


def first_version(project: Project) -> None:
    project.write("helper.py", "NAME = 'first'\n")


def second_version(project: Project) -> None:
    project.write("helper.py", "NAME = 'second'\n")


def code_folders(project: Project) -> list[str]:
    return [path.name for path in (folder_of(project).path / "code").iterdir()]


def test_a_version_whose_removal_was_killed_is_deployed_whole_again(background: Project) -> None:
    background.run("local", "create", check=True)
    second_version(background)
    # When all of the first version's files are gone, and their folder is not.
    with stopped_before(background, "os:rmdir:/code/", "flow.py", "local", "create") as create:
        assert has_stopped(create)
    first_version(background)
    background.run("local", "create", check=True)
    assert ended(background, trigger(background)) == "succeeded"
    # Nor is anything left of that removal.
    assert len(code_folders(background)) == 1


def test_what_an_unpacking_left_that_was_killed_is_removed(background: Project) -> None:
    with stopped_before(background, "pathlib:Path.rename", "flow.py", "local", "create") as create:
        assert has_stopped(create)
        assert [name.startswith(".unpacking-") for name in code_folders(background)] == [True]
    background.run("local", "create", check=True)
    assert [name.startswith(".") for name in code_folders(background)] == [False]


def test_what_a_deletion_left_that_was_killed_is_removed(background: Project) -> None:
    background.run("local", "create", check=True)
    folder = folder_of(background).path
    with stopped_before(background, "os:rmdir:/.deployments/", "flow.py", "local", "delete") as delete:
        assert has_stopped(delete)
    background.run("local", "create", check=True)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize(
    ("first", "moment"),
    [
        ("create", "flowkit.builtin.local_deployer.folder:DeploymentFolder.write"),
        ("create", "os:rmdir:/code/"),
        ("trigger", "flowkit.builtin.local_deployer.run_folder:RunFolder.start"),
    ],
)
@pytest.mark.parametrize("second", ["create", "delete"])
def test_two_at_once_are_as_if_one_came_after_the_other(
    background: Project, first: str, moment: str, second: str
) -> None:
    """However far the second gets while the first stands still: what is deployed has its code, what is started too."""
    background.run("local", "create", check=True)
    if first == "create":
        second_version(background)
    with stopped_before(background, moment, "flow.py", "local", first) as one:
        assert has_stopped(one)
        first_version(background) if first == "create" else second_version(background)
        # It stops where it would wait, or ends.
        with stopped_before(background, "fcntl:flock", "flow.py", "local", second) as other:
            has_stopped(other)
            said = resumed(one)
            assert one.returncode == 0, said
            said = resumed(other)
            assert other.returncode == 0, said
    for run in folder_of(background).run_folders():
        assert ended(background, run.path.name) == "succeeded"
    if second == "create":
        assert ended(background, trigger(background)) == "succeeded"
    else:
        assert folder_of(background).read() is None


def test_deploying_waits_for_a_deletion_and_starts_anew(background: Project) -> None:
    background.run("local", "create", check=True)
    moment = "flowkit.builtin.local_deployer.folder:DeploymentFolder.remove"
    with (
        stopped_before(background, moment, "flow.py", "local", "delete") as delete,
        stopped_before(background, "fcntl:flock", "flow.py", "local", "create") as create,
    ):
        assert has_stopped(delete)
        assert has_stopped(create)
        said = resumed(delete) + resumed(create)
        assert (delete.returncode, create.returncode) == (0, 0), said
    # The lock that it waited for went away with the folder, and keeps nobody else out.
    assert (folder_of(background).path / "lock").exists()
    assert ended(background, trigger(background)) == "succeeded"


def test_a_run_that_is_ended_before_it_has_a_process_never_starts(background: Project) -> None:
    background.run("local", "create", check=True)
    with stopped_before(background, "subprocess:run", "flow.py", "local", "trigger") as process:
        assert has_stopped(process)
        (run,) = folder_of(background).run_folders()
        assert "is being ended" in background.run("local", "terminate", run.path.name, check=True).stderr
        resumed(process)
    assert ended(background, run.path.name) == "terminated"
    assert not run.started_file.exists()


def test_a_run_whose_trigger_was_killed_has_failed(background: Project) -> None:
    background.run("local", "create", check=True)
    run_id = trigger(background)
    assert ended(background, run_id) == "succeeded"
    # As it is left by a trigger that has only written what to run.
    for file in folder_of(background).run_folder(run_id).path.iterdir():
        if file.name != "run.json":
            file.unlink()
    listed = background.run("local", "list-runs", check=True).stdout
    assert listed.startswith(f"Background/{run_id}  Failed")
    assert "its process was never started" in background.run("local", "status", run_id, check=True).stdout


def test_a_deployment_that_goes_while_all_are_listed(background: Project) -> None:
    background.run("local", "create", check=True)
    moment = "flowkit.builtin.local_deployer.folder:DeploymentFolder.read"
    with stopped_before(background, moment, "flow.py", "local", "list") as process:
        assert has_stopped(process)
        background.run("local", "delete", check=True)
        said = resumed(process)
        assert (process.returncode, "Error" in said) == (0, False), said


def test_the_time_that_is_over_while_the_end_is_written(background: Project) -> None:
    background.write(
        "helper.py",
        """
        import os, pathlib, signal, sys
        NAME = "first"
        replace = pathlib.Path.replace
        def replace_late(self, target):
            if str(target).endswith("outcome.json"):
                pathlib.Path.replace = replace
                os.kill(os.getpid(), signal.SIGALRM)
            return replace(self, target)
        if "execute" in sys.argv:
            pathlib.Path.replace = replace_late
        """,
    )
    background.run("local", "create", "--workflow-timeout", "600", check=True)
    assert ended(background, trigger(background)) == "succeeded"
