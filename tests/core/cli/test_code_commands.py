"""``flowkit code``: the code of runs, compared and fetched."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit.cli.commands.code.differences import coloured, differences
from support.need import need_program
from support.project import Project
from support.records import latest_run

FLOW = """
from flowkit import FlowSpec, step, UserStepDecorator
import helper

class with_data(UserStepDecorator):
    def add_to_package(self):
        yield "elsewhere.txt", "data/inside.txt"

class SmallFlow(FlowSpec):
    @with_data
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    SmallFlow()
"""


@pytest.fixture
def ran(project: Project) -> tuple[Project, str]:
    """A project whose flow has run, and the run's pathspec."""
    project.write("flow.py", FLOW)
    project.write("helper.py", "x = 1\ny = 2\n")
    project.write("elsewhere.txt", "data")
    return project, run(project)


def run(project: Project) -> str:
    project.run("run", check=True)
    record = latest_run(project, "SmallFlow")
    assert record is not None
    return f"{record.flow}/{record.run_id}"


def test_diff_shows_what_turns_the_files_here_into_the_runs(ran: tuple[Project, str]) -> None:
    project, pathspec = ran
    same = project.flowkit("code", "diff", pathspec, check=True)
    assert same.stdout == ""
    assert f"the files of {pathspec} are the same" in same.stderr
    project.write("helper.py", "x = 1\ny = 3\n")
    project.write("new.py", "")
    done = project.flowkit("code", "diff", pathspec, check=True)
    head = "diff --git a/helper.py b/helper.py\n--- a/helper.py\n+++ b/helper.py\n"
    assert done.stdout == f"{head}@@ -1,2 +1,2 @@\n x = 1\n-y = 3\n+y = 2\n"
    assert f"not in {pathspec}, and not compared: new.py" in done.stderr


def test_diff_of_another_folder(ran: tuple[Project, str], tmp_path: Path) -> None:
    project, pathspec = ran
    done = project.flowkit("code", "diff", pathspec, "--dir", str(tmp_path), check=True)
    assert done.stdout.count("new file mode") == 2  # flow.py, helper.py; what a decorator added isn't looked for


@pytest.mark.parametrize("command", ["diff", "patch"])
def test_a_folder_that_isnt_there(ran: tuple[Project, str], command: str) -> None:
    project, pathspec = ran
    for folder, said in (("no/such/folder", "there is no folder 'no/such/folder'"), ("flow.py", "'flow.py' is a file")):
        done = project.flowkit("code", command, pathspec, "--dir", folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"Usage error: --dir: {said}\n"


def test_what_isnt_compared_is_said_after_the_differences(ran: tuple[Project, str]) -> None:
    project, pathspec = ran
    project.write("helper.py", "".join(f"x = {number}\n" for number in range(5000)))
    project.write("new.py", "")
    program = str(Path(sysconfig.get_path("scripts")) / "flowkit")
    done = subprocess.run(
        [program, "code", "diff", pathspec],
        cwd=project.path,
        env=project.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == f"not in {pathspec}, and not compared: new.py"


def test_diff_runs(ran: tuple[Project, str]) -> None:
    project, first = ran
    project.write("helper.py", "x = 1\n")
    project.write("new.py", "z = 1\n")
    second = run(project)
    shown = project.flowkit("code", "diff-runs", first, second, check=True).stdout
    assert "-y = 2\n" in shown
    assert "diff --git a/new.py b/new.py\nnew file mode 100644\n--- /dev/null\n+++ b/new.py\n" in shown
    back = project.flowkit("code", "diff-runs", second, first, check=True).stdout
    assert "deleted file mode 100644\n--- a/new.py\n+++ /dev/null\n" in back
    same = project.flowkit("code", "diff-runs", first, first, check=True)
    assert (same.stdout, "ran the same code" in same.stderr) == ("", True)


def test_patch_makes_a_file_that_git_applies(ran: tuple[Project, str]) -> None:
    need_program("git")
    project, pathspec = ran
    before = (project.path / "helper.py").read_text()
    project.write("helper.py", "changed\n")
    name = f"{pathspec.lower().replace('/', '_')}.patch"
    assert f"git apply {name}" in project.flowkit("code", "patch", pathspec, check=True).stderr
    there = project.flowkit("code", "patch", pathspec)
    assert (there.returncode, "give --overwrite" in there.stderr) == (1, True)
    project.flowkit("code", "patch", "--overwrite", pathspec, check=True)
    project.flowkit("code", "patch", "--file_path", "mine.patch", pathspec, check=True)
    assert (project.path / "mine.patch").read_text() == (project.path / name).read_text()
    subprocess.run(["git", "apply", name], cwd=project.path, check=True)
    assert (project.path / "helper.py").read_text() == before
    none = project.flowkit("code", "patch", "--file_path", "none.patch", pathspec, check=True)
    assert "there is no patch" in none.stderr
    assert not (project.path / "none.patch").exists()


def test_a_patch_of_another_folder(ran: tuple[Project, str], tmp_path: Path) -> None:
    project, pathspec = ran
    (other := tmp_path / "other").mkdir()
    (other / "flow.py").write_text((project.path / "flow.py").read_text())
    (other / "helper.py").write_text("x = 5\n")
    project.flowkit("code", "patch", "--dir", str(other), "--file_path", "mine.patch", pathspec, check=True)
    patch = (project.path / "mine.patch").read_text()
    assert "-x = 5\n" in patch
    assert "flow.py" not in patch


def test_pull_writes_the_files_to_a_new_folder(ran: tuple[Project, str]) -> None:
    project, pathspec = ran
    project.flowkit("code", "pull", pathspec, check=True)
    folder = project.path / f"{pathspec.lower().replace('/', '_')}_code"
    assert (folder / "helper.py").read_text() == "x = 1\ny = 2\n"
    assert (folder / "data/inside.txt").read_text() == "data"
    again = project.flowkit("code", "pull", pathspec)
    assert (again.returncode, "isn't empty" in again.stderr) == (1, True)
    project.flowkit("code", "pull", pathspec, "--dir", "deep/folder", check=True)
    assert (project.path / "deep/folder/flow.py").exists()
    # Neither is code of the flow above it.
    listed = project.run("package", "list", "--archive", check=True).stdout.split()
    assert listed == ["data/inside.txt", "flow.py", "helper.py"]


@pytest.mark.parametrize("command", ["diff", "pull", "patch"])
def test_what_there_is_no_code_of(ran: tuple[Project, str], command: str) -> None:
    project, _ = ran
    unknown = project.flowkit("code", command, "SmallFlow/1")
    assert (unknown.returncode, "there is no run SmallFlow/1" in unknown.stderr) == (1, True)
    wrong = project.flowkit("code", command, "SmallFlow")
    assert (wrong.returncode, "is not of the form Flow/run" in wrong.stderr) == (2, True)
    project.environment["FLOWKIT_STORE_CODE"] = "false"
    without = run(project)
    done = project.flowkit("code", command, without)
    assert (done.returncode, done.stderr) == (1, f"Code package: the code of {without} isn't stored\n")


def test_runs_recorded_elsewhere(ran: tuple[Project, str], tmp_path: Path) -> None:
    project, pathspec = ran
    elsewhere = Project(tmp_path, project.home, project.environment)
    assert elsewhere.flowkit("code", "diff", pathspec).returncode == 1
    there = ("--metadata", f"local@{project.store}")
    elsewhere.flowkit("code", "pull", pathspec, *there, "--dir", "got", check=True)
    assert (tmp_path / "got/flow.py").exists()
    assert elsewhere.flowkit("code", "diff", pathspec, *there, "--dir", "got", check=True).stdout == ""
    assert elsewhere.flowkit("code", "diff-runs", pathspec, pathspec, *there, check=True).stdout == ""
    (tmp_path / "got/helper.py").write_text("")
    elsewhere.flowkit("code", "patch", pathspec, *there, "--dir", "got", "--file_path", "mine.patch", check=True)
    assert "+x = 1\n" in (tmp_path / "mine.patch").read_text()


def test_colours_are_for_terminals() -> None:
    text = "".join(map(coloured, differences({"a": b"1\n"}, {"a": b"2\n"})))
    assert "\x1b[31m-1\n\x1b[0m" in text
    assert re.sub(r"\x1b\[\d+m", "", text) == "".join(differences({"a": b"1\n"}, {"a": b"2\n"}))


# --- patches -----------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a.py", "b c.py", "sub/d.py", "é.py", 'q"uote.py', "tab\tname.py"])
LINES = st.lists(st.sampled_from([b"one\n", b"two\n", b"\n", b"\xc3\xa9\n", b"-- x\n", b"\r\n", b"\x0c\n"]), max_size=6)
CONTENTS = st.one_of(
    st.builds(lambda lines, tail: b"".join(lines) + tail, LINES, st.sampled_from([b"", b"no end"])),
    st.binary(min_size=1, max_size=200),
)
TREES = st.dictionaries(NAMES, CONTENTS, max_size=4)


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=TREES, new=TREES)
def test_git_turns_one_tree_into_the_other(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, bytes], new: dict[str, bytes]
) -> None:
    need_program("git")
    patch = "".join(differences(old, new, binary=True))
    if not patch:
        assert old == new
        return
    folder = tmp_path_factory.mktemp("tree")
    write(folder, old)
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], cwd=folder, input=patch.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode() + patch
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == new


def test_contents_that_are_no_text_are_named() -> None:
    assert list(differences({"x": b"\0"}, {"x": b"\1\0"}))[1:] == ["Binary files a/x and b/x differ\n"]
