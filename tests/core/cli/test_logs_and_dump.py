"""``logs`` and ``dump``: what a run left."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.project import Project
from support.talker import TALKER


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A project with a run that succeeded, and the run's id; tests only read it."""
    project = Project.make(tmp_path_factory.mktemp("done"))
    project.write("flow.py", TALKER)
    project.run("run", "--run-id-file", "id", "--max-workers", "1", check=True)
    return project, (project.path / "id").read_text()


def output(project: Project, *args: str) -> tuple[bytes, bytes]:
    """stdout and stderr of a command, as bytes."""
    made = subprocess.run(
        [sys.executable, "flow.py", *args],
        cwd=project.path,
        env=project.variables(),
        capture_output=True,
        check=True,
    )
    return made.stdout, made.stderr


def task_of(project: Project, run: str, step: str) -> str:
    """Id of the step's first task."""
    shown = project.run("dump", f"{run}/{step}", "--max-value-size", "0", check=True).stdout
    return shown.splitlines()[0].rpartition("/")[2]


# --- logs --------------------------------------------------------------------------------------------------------


def test_stdout_of_a_task_is_its_bytes_exactly(done: tuple[Project, str]) -> None:
    project, run = done
    task = task_of(project, run, "start")
    assert output(project, "logs", "--stdout", f"{run}/start/{task}") == (b"hello\nno end", b"")
    assert output(project, "logs", "--stderr", f"{run}/start/{task}") == (b"warned\n", b"")


def test_bytes_that_are_no_text_are_kept(project: Project) -> None:
    project.write(
        "flow.py",
        """
        import os
        from flowkit import FlowSpec, step

        class Raw(FlowSpec):
            @step
            def start(self):
                os.write(1, bytes(range(256)) + b"\\r\\n\\r no end")
                self.next(self.end)

            @step
            def end(self):
                pass

        if __name__ == "__main__":
            Raw()
        """,
    )
    shown, _ = output(project, "run", "--run-id-file", "id")
    assert bytes(range(0x80, 0x100)) in shown
    run = (project.path / "id").read_text()
    stdout, _ = output(project, "logs", "--stdout", f"{run}/start")
    assert stdout == bytes(range(256)) + b"\r\n\r no end"
    assert output(project, "logs", f"{run}/end")[0] == b""


def test_both_streams_stand_as_they_were_written(done: tuple[Project, str]) -> None:
    project, run = done
    for args in ([], ["--both"], ["--stdout", "--stderr"]):
        stdout, _ = output(project, "logs", *args, f"{run}/start")
        assert sorted(stdout.splitlines()) == [b"hello", b"no end", b"warned"]
    assert project.run("logs", "--no-both", f"{run}/start").returncode == 2


def test_lines_with_their_time(done: tuple[Project, str]) -> None:
    project, run = done
    text = project.run("logs", "--timestamps", "--stdout", f"{run}/start", check=True).stdout
    lines = text.splitlines()
    assert [re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ", "|", line) for line in lines] == ["|hello", "|no end"]


def test_a_steps_tasks_are_told_apart_on_stderr(done: tuple[Project, str]) -> None:
    project, run = done
    stdout, stderr = output(project, "logs", f"{run}/each")
    assert stdout == b"item 0\nitem 1\n"
    assert re.fullmatch(rf"\[{run}/each/\w+\]\n\[{run}/each/\w+\]\n", stderr.decode())
    assert output(project, "--quiet", "logs", f"{run}/each")[1] == b""


def test_the_flows_name_may_stand_first(done: tuple[Project, str]) -> None:
    project, run = done
    task = task_of(project, run, "start")
    assert output(project, "logs", "--stderr", f"Talker/{run}/start/{task}")[0] == b"warned\n"
    assert output(project, "logs", "--stderr", f"Talker/{run}/start")[0] == b"warned\n"


def test_each_attempt_has_its_own_output(project: Project) -> None:
    project.write(
        "flow.py",
        """
        from flowkit import FlowSpec, current, retry, step

        class Again(FlowSpec):
            @retry(times=1)
            @step
            def start(self):
                print("attempt", current.retry_count)
                if current.retry_count == 0:
                    raise ValueError("once")
                self.next(self.end)

            @step
            def end(self):
                pass

        if __name__ == "__main__":
            Again()
        """,
    )
    project.run("run", "--run-id-file", "id", check=True)
    run = (project.path / "id").read_text()
    task = task_of(project, run, "start")
    assert output(project, "logs", "--stdout", f"{run}/start/{task}")[0] == b"attempt 1\n"
    assert output(project, "logs", "--attempt", "1", "--stdout", f"{run}/start")[0] == b"attempt 1\n"
    first, _ = output(project, "logs", "--attempt", "0", f"{run}/start/{task}")
    assert first.startswith(b"attempt 0\n")
    assert first.endswith(b"ValueError: once\n")
    missing = project.run("logs", "--attempt", "2", f"{run}/start/{task}")
    assert missing.returncode == 1
    assert "no attempt 2: its last is 1" in missing.stderr


@pytest.mark.parametrize("command", ["logs", "dump"])
@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("{run}", 2, ["RUN/STEP"]),
        ("a/b/c/d", 2, ["RUN/STEP"]),
        ("{run}//x", 2, ["RUN/STEP"]),
        ("12/start", 1, ["Talker/12", "{run}"]),
        ("{run}/nostep", 1, ["'nostep'", "start, each, join, end"]),
        ("{run}/start/999", 1, ["start/999"]),
    ],
)
def test_a_path_that_leads_nowhere(
    done: tuple[Project, str], command: str, path: str, status: int, words: list[str]
) -> None:
    project, run = done
    made = project.run(command, path.replace("{run}", run))
    assert (made.returncode, made.stdout) == (status, "")
    assert made.stderr.count("\n") == 1
    for word in words:
        assert word.replace("{run}", run) in made.stderr


# --- dump --------------------------------------------------------------------------------------------------------


def test_dump_shows_names_types_and_values(done: tuple[Project, str]) -> None:
    project, run = done
    shown = project.run("dump", f"{run}/join", check=True)
    lines = shown.stdout.splitlines()
    assert re.fullmatch(rf"{run}/join/\w+", lines[0])
    assert "    total: int = 2" in lines
    assert "    options: dict = {'a': 1}" in lines
    assert re.search(r"^    big: str, \d+ bytes$", shown.stdout, re.MULTILINE)
    assert "_graph_info" not in shown.stdout
    assert shown.stderr == ""


def test_the_size_of_values_that_are_shown(done: tuple[Project, str]) -> None:
    project, run = done
    assert "x" * 5000 in project.run("dump", "--max-value-size", "10000", f"{run}/join", check=True).stdout
    names_only = project.run("dump", "--max-value-size", "0", f"{run}/join", check=True).stdout
    assert " = " not in names_only
    assert "total: int, " in names_only


def test_private_and_chosen_artifacts(done: tuple[Project, str]) -> None:
    project, run = done
    task = task_of(project, run, "each")
    private = project.run("dump", "--private", f"{run}/each/{task}", check=True).stdout
    assert "_secret: str = 's'" in private
    chosen = project.run("dump", "--include", "double, n", f"{run}/each/{task}", check=True).stdout
    assert chosen.splitlines()[1:] == ["    double: int = 0", "    n: int = 2"]


def test_a_name_that_no_task_has(done: tuple[Project, str], tmp_path: Path) -> None:
    project, run = done
    shown = project.run("dump", "--include", "double,nosuch", f"{run}/each")
    assert shown.returncode == 1
    assert shown.stdout.count("double: int") == 2
    assert shown.stderr.startswith(f"Not found: {run}/each has no artifact 'nosuch': it has double, ")
    assert shown.stderr.count("\n") == 1
    target = tmp_path / "out.pkl"
    filed = project.run("dump", "--include", "_secret", f"{run}/each", "--file", str(target))
    assert (filed.returncode, filed.stdout, target.exists()) == (1, "", False)
    assert "has no artifact '_secret': it has " in filed.stderr
    assert filed.stderr.endswith("; --private shows those that begin with _\n")


def test_what_cant_be_loaded_is_told_after_the_rest(project: Project) -> None:
    project.write(
        "flow.py",
        """
        from flowkit import FlowSpec, step

        class Damaged(FlowSpec):
            @step
            def start(self):
                self.before = 1
                self.rows = list(range(50_000))
                self.zero = 0
                self.next(self.end)

            @step
            def end(self):
                pass

        if __name__ == "__main__":
            Damaged()
        """,
    )
    project.run("run", "--run-id-file", "id", check=True)
    run = (project.path / "id").read_text()
    blob = max((one for one in (project.store / "Damaged/blobs").rglob("*") if one.is_file()), key=size)
    blob.chmod(0o644)
    blob.write_bytes(b"damaged")
    shown = project.run("dump", f"{run}/start", "--max-value-size", "1000000")
    assert shown.returncode == 1
    assert shown.stdout.splitlines()[1:] == [
        "    before: int = 1",
        "    rows: list, can't be loaded",
        "    zero: int = 0",
    ]
    assert re.match(rf"Corrupted object: {run}/start/\w+: artifact 'rows' can't be loaded: ", shown.stderr)
    assert shown.stderr.count("\n") == 1
    filed = project.run("dump", f"{run}/start", "--file", "out.pkl")
    assert (filed.returncode, (project.path / "out.pkl").exists()) == (1, False)
    assert re.match(rf"Corrupted object: {run}/start/\w+: artifact 'rows' can't be loaded: ", filed.stderr)


def size(path: Path) -> int:
    return path.stat().st_size


def test_a_pickle_of_all_tasks_of_a_step(done: tuple[Project, str], tmp_path: Path) -> None:
    project, run = done
    target = tmp_path / "out.pkl"
    made = project.run("dump", f"{run}/each", "--include", "double", "--file", str(target), check=True)
    assert made.stdout == ""
    assert str(target) in made.stderr
    values = pickle.loads(target.read_bytes())
    assert sorted(value["double"] for value in values.values()) == [0, 2]
    assert all(re.fullmatch(rf"{run}/each/\w+", key) for key in values)
    # Values of any size, private ones only if asked for.
    project.run("dump", f"{run}/join", "--file", str(target), check=True)
    (join,) = pickle.loads(target.read_bytes()).values()
    assert join["big"] == "x" * 5000
    assert not any(name.startswith("_") for name in join)
    assert list(tmp_path.glob(".*")) == []


def test_a_file_that_cant_be_written(done: tuple[Project, str]) -> None:
    project, run = done
    made = project.run("dump", f"{run}/join", "--file", "no/such/folder/x")
    assert made.returncode == 1
    assert "no/such/folder/x can't be written" in made.stderr
    assert "Traceback" not in made.stderr


def test_values_of_classes_of_the_flow_and_of_several_lines(project: Project) -> None:
    project.write(
        "flow.py",
        """
        from flowkit import FlowSpec, step

        class Matrix:
            def __repr__(self):
                return "1 2\\n3 4"

        class Rude:
            def __repr__(self):
                raise RuntimeError("no")

        class Own(FlowSpec):
            @step
            def start(self):
                self.matrix = Matrix()
                self.rude = Rude()
                self.next(self.end)

            @step
            def end(self):
                pass

        if __name__ == "__main__":
            Own()
        """,
    )
    project.run("run", "--run-id-file", "id", check=True)
    run = (project.path / "id").read_text()
    shown = project.run("dump", f"{run}/start", check=True).stdout.splitlines()
    assert shown[1:4] == ["    matrix: __main__.Matrix =", "        1 2", "        3 4"]
    assert shown[4] == "    rude: __main__.Rude = (can't be shown: RuntimeError: no)"


def test_a_failed_task_has_no_artifacts(project: Project) -> None:
    project.write("flow.py", TALKER)
    project.run("run", "--fail", "each", "--max-workers", "1", "--run-id-file", "id")
    run = (project.path / "id").read_text()
    made = project.run("dump", f"{run}/each", check=True)
    assert "double: int = 0" in made.stdout
    assert made.stdout.count("double") == 1
    failed = re.search(rf"{run}/each/(\w+) has no artifacts: its state is 'failed'", made.stderr)
    assert failed is not None
    alone = project.run("dump", f"{run}/each/{failed[1]}")
    assert alone.returncode == 1
    assert "has no artifacts" in alone.stderr
