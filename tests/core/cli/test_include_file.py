"""Files that runs are given."""

from __future__ import annotations

import pytest

from support.project import Project

FLOW = """
    from flowkit import FlowSpec, IncludeFile, step

    class FileFlow(FlowSpec):
        text = IncludeFile("text", default="a.txt", help="some text")
        raw = IncludeFile("raw", is_text=False)
        table = IncludeFile("table", parser="json.loads")

        @step
        def start(self):
            self.seen = (self.text, self.raw, self.table)
            self.next(self.end)

        @step
        def end(self):
            print(repr(self.seen))
            try:
                self.text = ""
            except AttributeError as error:
                print(error)

    if __name__ == "__main__":
        FileFlow()
"""


@pytest.fixture
def files(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("a.txt", "first\n")
    project.write("b.txt", "zweité")
    project.write("t.json", '{"a": [1]}')
    return project


def test_files_are_artifacts_of_every_task(files: Project) -> None:
    done = files.run("run", "--raw", "b.txt", "--table", "t.json", "--run-id-file", "id", check=True)
    assert repr(("first\n", "zweité".encode(), {"a": [1]})) in done.stdout
    assert "the same in every task, and can't be set" in done.stdout
    # The run has its own copy.
    files.write("a.txt", "other")
    run = (files.path / "id").read_text()
    assert "text: str = 'first\\n'" in files.run("dump", f"{run}/end", check=True).stdout
    assert "raw: bytes" in files.run("dump", f"{run}/start", check=True).stdout


def test_resume_has_the_files_of_its_origin(files: Project) -> None:
    files.run("run", check=True)
    (files.path / "a.txt").unlink()
    assert "('first\\n', None, None)" in files.run("resume", "start", check=True).stdout


def test_the_help_says_that_a_file_is_wanted(files: Project) -> None:
    shown = files.run("run", "--help", check=True).stdout
    assert "--text FILE" in shown
    assert "some text  [default: a.txt]" in shown


def test_a_file_by_the_environment(files: Project) -> None:
    done = files.run("run", env={"FLOWKIT_RUN_TEXT": "b.txt"}, check=True)
    assert "('zweité', None, None)" in done.stdout


def test_a_default_that_is_not_there_matters_only_where_it_is_used(files: Project) -> None:
    (files.path / "a.txt").unlink()
    files.run("check", check=True)
    done = files.run("run", "--text", "b.txt", check=True)
    assert "zweité" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--text", "gone.txt"], "invalid value for '--text': there is no file 'gone.txt' in "),
        (["--text", "."], "invalid value for '--text': '.' is a folder, not a file"),
        (["--table", "b.txt"], "parameter 'table': b.txt can't be parsed (JSONDecodeError: Expecting value"),
        (["--text", "bad.bin"], "parameter 'text': bad.bin is no utf-8 text (at byte 0"),
        (["--text", "far://x"], "parameter 'text': there is no data client 'far'"),
    ],
)
def test_a_file_that_can_not_be_used_is_named_before_anything_runs(
    files: Project, arguments: list[str], message: str
) -> None:
    (files.path / "bad.bin").write_bytes(b"\xff\xfe\xfd")
    done = files.run("run", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "started" not in done.stderr
    assert files.run("tag", "list").returncode == 1, "no run was recorded"


def test_the_default_that_is_not_there_is_named(files: Project) -> None:
    (files.path / "a.txt").unlink()
    done = files.run("run")
    assert done.returncode == 2
    assert "parameter 'text': there is no file 'a.txt' in " in done.stderr
    assert files.run("tag", "list").returncode == 1


PLUGIN = """
    from flowkit.errors import NotFound
    from flowkit.plugin import DataClient, Provider, hookimpl

    class Far(DataClient):
        name = "far"

        def download(self, url, to):
            if url == "far://gone":
                raise NotFound(f"there is no {url}")
            to.write_text(f"content of {url}")

        def upload(self, path, url):
            raise OSError

    @hookimpl
    def flowkit_data_clients():
        yield Provider("far", lambda: Far)
"""


def test_a_url_is_read_by_the_plugin_of_its_scheme(files: Project) -> None:
    files.write("flowkit_plugins.py", PLUGIN)
    done = files.run("run", "--text", "far://x/y", check=True)
    assert "content of far://x/y" in done.stdout
    gone = files.run("run", "--text", "far://gone")
    assert gone.returncode == 2
    assert gone.stderr.splitlines()[-1] == "Invalid parameter: parameter 'text': there is no far://gone"
