"""Client objects in another process, and types that a flow's file defines."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from flowkit.client import DataArtifact, Flow, Run, Step, Task, metadata, namespace
from flowkit.errors import ArtifactError, NotFound
from support.project import Project
from support.recorded_run import FLOW, RecordedRun


def test_objects_are_pickled(run: RecordedRun) -> None:
    run.task("start", {"x": 1})
    task = Task(f"{FLOW}/1/start/1")
    for one in (Flow(FLOW), Run(f"{FLOW}/1"), Step(f"{FLOW}/1/start"), task, task["x"], task.data, task.artifacts):
        again = pickle.loads(pickle.dumps(one))
        assert type(again) is type(one)
        if not isinstance(one, type(task.data)):
            assert again == one
    assert pickle.loads(pickle.dumps(task.data)).x == 1
    assert pickle.loads(pickle.dumps(task.artifacts)).x.data == 1
    numbered = Task(f"{FLOW}/1/start/1", attempt=0)
    assert pickle.loads(pickle.dumps(numbered)) == numbered
    assert pickle.loads(pickle.dumps(numbered["x"])).data == 1


def test_unpickled_objects_navigate_from_any_namespace_and_place(run: RecordedRun, tmp_path: Path) -> None:
    run.task("start", {"x": 1})
    stored = pickle.dumps(Task(f"{FLOW}/1/start/1"))
    namespace("user:nobody")
    metadata(f"local@{tmp_path / 'elsewhere'}")
    task = pickle.loads(stored)
    assert task.data.x == 1
    assert task.parent.parent.parent.latest_run == task.parent.parent
    assert [step.id for step in task.parent.parent] == ["start"]


def test_unpickled_in_another_process(run: RecordedRun, project: Project) -> None:
    run.task("start", {"x": 41})
    (project.path / "stored").write_bytes(pickle.dumps(Run(f"{FLOW}/1")))
    script = "import pickle; run = pickle.load(open('stored', 'rb')); print(run['start'].task.data.x + 1)"
    assert project.python("-c", script, check=True).stdout == "42\n"


def test_unpickling_what_is_gone_fails_when_it_is_read(run: RecordedRun) -> None:
    gone = pickle.loads(pickle.dumps(Run._at(Flow(FLOW)._view, (FLOW, "9"))))
    with pytest.raises(NotFound):
        gone.successful  # noqa: B018


def test_the_client_works_in_a_forked_child(run: RecordedRun) -> None:
    run.task("start", {"x": 1})
    seen = Run(f"{FLOW}/1")
    assert seen["start"].task is not None
    script = (
        "import os, sys\n"
        "from flowkit import Run\n"
        f"run = Run({FLOW + '/1'!r})\n"
        "assert run['start'].task.data.x == 1\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    run.add_tag('child')\n"
        "    os._exit(0 if run['start'].task.data.x == 1 else 1)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "assert 'child' in run.tags\n"
    )
    environment = {"FLOWKIT_DATASTORE_SYSROOT_LOCAL": str(run.root.parent), "FLOWKIT_USER": "tester"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)


# --- what importing costs ----------------------------------------------------------------------------------------


def test_importing_the_client_loads_no_database_and_no_plugins(project: Project) -> None:
    script = (
        "import sys, flowkit.client\n"
        "from flowkit import FlowKit, Run, namespace, metadata\n"
        "unwanted = {'sqlite3', 'pluggy', 'click', 'json', 'difflib', 'zstandard', 'blake3', 'rich', 'asyncio'}\n"
        "print(sorted(unwanted & set(sys.modules)))"
    )
    assert project.python("-c", script, check=True).stdout == "[]\n"


def test_a_page_of_tasks_is_a_handful_of_queries(run: RecordedRun) -> None:
    for index in range(30):
        run.task("work", {"x": index})
        run.log("work", str(index + 1), 0, ("stdout", 1.0, b"line\n"))
    seen = Run(f"{FLOW}/1")
    queries: list[str] = []
    connection = seen._view.reader._connection  # type: ignore[attr-defined]
    connection._reader().set_trace_callback(queries.append)
    rows = [(task.data.x, task.metadata_dict["attempt"], task.stdout, task.successful) for task in seen["work"]]
    assert rows == [(index, "0", "line\n", True) for index in reversed(range(30))]
    assert len(queries) <= 5


# --- types of the flow's file ------------------------------------------------------------------------------------

FILE = """
    import dataclasses
    import beside

    @dataclasses.dataclass
    class Point:
        x: int
        class Inner: pass

    class Colour(beside.Base): pass

    loaded = []
    if __name__ == "__main__":
        import pickle, sys
        values = [Point(3), Point.Inner(), Colour(), beside.Thing()]
        sys.stdout.buffer.write(pickle.dumps(values))
"""


def stored_by_main(run: RecordedRun, project: Project, main_file: str | None = None) -> None:
    """Record a task whose artifact was pickled by the file's own process."""
    file = project.write("flow.py", FILE)
    project.write("beside.py", "class Base: pass\nclass Thing: pass\n")
    made = subprocess.run([sys.executable, str(file)], capture_output=True, check=True, env=project.environment)
    task = run.task("start", {"values": 0}, main_file=main_file if main_file is not None else str(file))
    manifest = run.store.read_manifest(task.manifest or "")
    import attrs

    entry = attrs.evolve(manifest.artifacts["values"], type="builtins.list", inline=made.stdout, payload=None)
    run.store.write_manifest(attrs.evolve(manifest, artifacts={"values": entry}))


def test_types_of_the_flows_file(run: RecordedRun, project: Project) -> None:
    stored_by_main(run, project)
    before = list(sys.path)
    point, inner, colour, thing = Task(f"{FLOW}/1/start/1").data.values
    assert point.x == 3
    assert type(point).__qualname__ == "Point"
    assert type(inner).__qualname__ == "Point.Inner"
    assert type(colour).__mro__[1].__module__ == type(thing).__module__ == "beside"
    assert sys.path == before
    # The file is imported once, so that types are the same each time.
    assert type(Task(f"{FLOW}/1/start/1").data.values[0]) is type(point)
    assert "beside" in sys.modules
    del sys.modules["beside"]


def test_the_file_is_only_imported_if_it_is_needed(run: RecordedRun, project: Project) -> None:
    file = project.write("flow.py", "raise RuntimeError('imported')")
    run.task("start", {"plain": [1, {"a": 2}]}, main_file=str(file))
    assert Task(f"{FLOW}/1/start/1").data.plain == [1, {"a": 2}]


def test_a_script_that_starts_its_flow_when_imported(run: RecordedRun, project: Project) -> None:
    stored_by_main(run, project)
    text = (project.path / "flow.py").read_text()
    start = "from flowkit import FlowSpec\nclass Bare(FlowSpec): pass\nBare()\n"
    (project.path / "flow.py").write_text(text + start)
    assert Task(f"{FLOW}/1/start/1").data.values[0].x == 3
    del sys.modules["beside"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.unlink(), "can't be read"),
        (lambda file: file.write_text("raise ValueError('broken')"), "ValueError: broken"),
        (lambda file: file.write_text("raise SystemExit(3)"), "SystemExit: 3"),
        (lambda file: file.write_text("x = 1"), "renamed or removed"),
    ],
)
def test_a_file_that_does_not_define_the_type_any_more(
    run: RecordedRun, project: Project, change: object, said: str
) -> None:
    stored_by_main(run, project)
    change(project.path / "flow.py")  # type: ignore[operator]
    with pytest.raises(ArtifactError, match=said):
        DataArtifact(f"{FLOW}/1/start/1/values").data  # noqa: B018
    sys.modules.pop("beside", None)


def test_the_reader_is_the_flows_file_itself(run: RecordedRun, project: Project) -> None:
    stored_by_main(run, project)
    reader = """
        if __name__ == "__main__" and len(sys.argv) > 1:
            from flowkit import Task
            value = Task(sys.argv[1]).data.values[0]
            sys.stdout.buffer.write(b"same" if type(value) is Point else b"other")
    """
    import textwrap

    file = project.path / "flow.py"
    file.write_text(file.read_text().replace("sys.stdout.buffer.write(pickle", "len(sys.argv) > 1 or (pickle"))
    file.write_text(file.read_text() + textwrap.dedent(reader))
    variables = {"FLOWKIT_DATASTORE_SYSROOT_LOCAL": str(run.root.parent)}
    assert project.python("flow.py", f"{FLOW}/1/start/1", check=True, env=variables).stdout == "same"
