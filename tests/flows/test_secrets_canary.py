"""A secret's value is nowhere in what a run leaves: store, metadata, logs, artifacts, what the launcher prints."""

from __future__ import annotations

import base64
import gzip
import json
import urllib.parse
from pathlib import Path

import pytest

from support.project import Project

#: With signs that JSON, repr and URLs write otherwise.
CANARY = 'canary "7741"/\\ +sings ü'
FORMS = {
    CANARY,
    json.dumps(CANARY)[1:-1],
    json.dumps(CANARY, ensure_ascii=False)[1:-1],
    repr(CANARY)[1:-1],
    urllib.parse.quote(CANARY),
    urllib.parse.quote(CANARY, safe=""),
    urllib.parse.quote_plus(CANARY),
    base64.b64encode(CANARY.encode()).decode().rstrip("="),
    base64.urlsafe_b64encode(CANARY.encode()).decode().rstrip("="),
}

FLOW = """
import base64, json, os, subprocess, sys, traceback, urllib.parse
from flowkit import FlowSpec, catch, current, retry, secrets, step

SOURCE = {"type": "file", "id": os.environ["SECRET_FILE"]}

def value():
    return os.environ["PASSWORD"]

class Canary(FlowSpec):
    @secrets(sources=[SOURCE])
    @step
    def start(self):
        given = value()
        for stream in (sys.stdout, sys.stderr):
            urls = urllib.parse.quote(given), urllib.parse.quote(given, safe="")
            for text in (given, json.dumps(given), repr(given), *urls):
                print("password is", text, file=stream)
            print(base64.b64encode(given.encode()).decode(), file=stream)
        subprocess.run([sys.executable, "-c", "import os; print('child', os.environ['PASSWORD'])"], check=True)
        self.length = len(given)
        self.names = sorted(name for name in os.environ if name.startswith("PASS"))
        self.next(self.shown)

    @secrets(sources=[SOURCE])
    @step
    def shown(self):
        # What a reporter of crashes sees: the frames below the step, with all that is in them.
        frames = traceback.StackSummary.extract(traceback.walk_stack(None), capture_locals=True)
        self.below = "".join(frames.format())
        assert "run_attempt" in self.below and "decorators = " in self.below
        self.next(self.caught)

    @catch(var="error")
    @retry(times=1)
    @secrets(sources=[SOURCE])
    @step
    def caught(self):
        raise ValueError(f"attempt {current.retry_count} with {value()}")
        self.next(self.without)

    @step
    def without(self):
        self.absent = "PASSWORD" not in os.environ
        self.next(self.failing)

    @secrets(sources=[SOURCE])
    @step
    def failing(self):
        raise ValueError("with " + value())
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Canary()
"""

#: Everything that the client finds of a run, artifacts included, as text.
READ = """
from flowkit import Flow
run = Flow("Canary").latest_run
for step in run:
    for task in step:
        print(task, task.metadata_dict, task.exception, task.stdout, task.stderr)
        for artifact in task:
            data = artifact.data
            print(artifact.id, repr(data), vars(data) if hasattr(data, "__dict__") else "")
        print(task.data)
print("READ ALL")
"""


@pytest.fixture
def canary(project: Project, tmp_path: Path) -> Project:
    file = tmp_path / "secret.json"
    file.write_text(json.dumps({"PASSWORD": CANARY}), encoding="utf-8")
    project.environment["SECRET_FILE"] = str(file)
    project.write("flow.py", FLOW)
    return project


def leaks(text: str) -> list[str]:
    return [form for form in FORMS if form in text]


#: A backend that can't be told what is secret.
PLUGIN = """
import attrs
from flowkit.plugin import Provider, StepDecorator, hookimpl
from support.file_backend import FileBackend

class OverFiles(StepDecorator):
    name = "over_files"

    def plan(self, spec):
        return attrs.evolve(spec, backend="files")

@hookimpl
def flowkit_compute_backends():
    yield Provider("files", lambda: FileBackend)

@hookimpl
def flowkit_step_decorators():
    yield Provider("over_files", lambda: OverFiles)
"""


@pytest.mark.parametrize(
    "way", [("--task-start", "fork"), ("--task-start", "spawn"), ("--with", "over_files")], ids=" ".join
)
def test_the_value_is_nowhere(canary: Project, way: tuple[str, str]) -> None:
    canary.write("flowkit_plugins.py", PLUGIN)
    canary.environment["PYTHONPATH"] = str(Path(__file__).parents[1])
    debug = ("--event-logger", "debug", "--monitor", "debug")
    done = canary.run("-v", *debug, "run", *way)
    assert done.returncode == 1
    assert "password is ***" in done.stdout
    assert "child ***" in done.stdout
    assert "ValueError: with ***" in done.stderr
    assert leaks(done.stdout + done.stderr) == []

    for file in canary.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert [form for form in FORMS if form.encode() in content] == [], file

    shown = canary.python("-c", READ, check=True).stdout
    assert "READ ALL" in shown
    assert leaks(shown) == []
    assert "attempt 1 with ***" in shown
    dumped = canary.run("dump", "--private", "latest", check=False)
    assert leaks(dumped.stdout + dumped.stderr) == []


def test_the_value_is_in_the_steps_that_ask_for_it_only(canary: Project) -> None:
    canary.run("run")
    program = "from flowkit import Flow; run = Flow('Canary').latest_run; "
    told = canary.python(
        "-c",
        program + "print(run['start'].task.data.length, run['start'].task.data.names, run['without'].task.data.absent)",
        check=True,
    )
    assert told.stdout == f"{len(CANARY)} ['PASSWORD'] True\n"


INLINE = """
from flowkit import FlowSpec, secrets, step

SECRET = "inline-canary-" + str(6 * 7 * 1000)

class Inline(FlowSpec):
    @secrets(sources=[{"type": "inline", "options": {"env_vars": {"TOKEN": SECRET}}}])
    @step
    def start(self):
        import os
        self.same = os.environ["TOKEN"] == SECRET
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Inline()
"""


WITH = """
import os
from flowkit import FlowSpec, step

class With(FlowSpec):
    @step
    def start(self):
        print("token", os.environ["TOKEN"])
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    With()
"""


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_secret_given_by_with_is_nowhere(project: Project, start: str) -> None:
    project.write("flow.py", WITH)
    value = "with-canary-54321"
    source = {"type": "inline", "options": {"env_vars": {"TOKEN": value}}}
    decorator = f"secrets:sources={json.dumps([source])}"
    done = project.run("-v", "run", "--task-start", start, "--with", decorator, check=True)
    assert "token ***" in done.stdout
    wrong = project.run("run", "--with", decorator.replace('"inline"', '"inlin"'))
    broken = project.run("run", "--with", decorator[:-2])
    assert (wrong.returncode, broken.returncode) == (1, 1)
    assert "--with secrets:sources=…" in wrong.stderr
    for one in (done, wrong, broken):
        assert value not in one.stdout + one.stderr
    program = "from flowkit import Flow; r = Flow('With').latest_run; print(r['start'].task['_graph_info'].data)"
    assert value not in project.python("-c", program, check=True).stdout
    for file in project.path.rglob("*"):
        assert not file.is_file() or value.encode() not in file.read_bytes(), file


def test_nothing_that_is_deployed_holds_a_value(canary: Project) -> None:
    """The deployment, what the orchestrator gets, the code package, and what a background run writes."""
    inline = 'secrets:sources=[{"type":"inline","options":{"env_vars":{"TOKEN":"with-canary-54321"}}}]'
    refused = canary.run("local", "create", "--with", inline)
    assert refused.returncode != 0
    assert "the values of the inline secret would be kept where the flow is deployed" in refused.stderr
    canary.run("local", "create", check=True)
    shown = canary.run("local", "create", "--only-json", check=True).stdout
    canary.run("local", "trigger", "--run-id-file", "id", check=True)
    run_id = (canary.path / "id").read_text()
    program = (
        "from flowkit import DeployedFlow; run = DeployedFlow.get_triggered_run('Canary', "
        f"'{run_id}'); run.wait_for_completion(timeout=60); print(run.status)"
    )
    assert canary.python("-c", program, check=True).stdout == "Failed\n"
    assert leaks(shown + canary.run("local", "list-runs", check=True).stdout) == []
    for file in canary.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            if file.name.endswith(".tar.gz"):
                content = gzip.decompress(content)
            assert [form for form in FORMS if form.encode() in content] == [], file
            assert b"with-canary-54321" not in content, file


def test_an_inline_secret_is_not_in_what_is_stored_of_the_graph(project: Project) -> None:
    project.write("flow.py", INLINE)
    project.run("run", check=True)
    program = (
        "from flowkit import Flow; from flow import Inline; from flowkit.compile.compiler import compile_flow;"
        "from flowkit.compile.plan import make_plan; from flowkit.kernel.registry import default_registry;"
        "run = Flow('Inline').latest_run; compiled = compile_flow(Inline, default_registry());"
        "print(run.data.same, run['start'].task['_graph_info'].data, make_plan(compiled), compiled.graph)"
    )
    shown = project.python("-c", program, check=True).stdout
    assert shown.startswith("True ")
    assert "env_vars" in shown
    assert "inline-canary-42000" not in shown
    for file in project.store.rglob("*"):
        assert not file.is_file() or b"inline-canary-42000" not in file.read_bytes(), file
    assert "inline-canary-42000" not in project.run("show").stdout + project.run("output-dot").stdout
