"""Serializers that flow authors choose, and those that choose themselves."""

from __future__ import annotations

import json

import pytest

from support.project import Project

FLOW = """
    import pandas, polars, pyarrow
    from flowkit import FlowSpec, serialize, step

    @serialize(facts="json", other="json")
    class StoredFlow(FlowSpec):
        @serialize(frame="parquet", other="pickle")
        @step
        def start(self):
            self.frame = pandas.DataFrame({"x": [1, 2], "y": [0.5, 1.5]})
            self.plain_frame = pandas.DataFrame({"x": [3]})
            self.facts = {"a": [1, "b"]}
            self.other = {"c": 1}
            self.arrow = pyarrow.table({"x": [1]})
            self.polars = polars.DataFrame({"x": [1]})
            self.next(self.end)

        @step
        def end(self):
            assert list(self.frame.x) == [1, 2]
            assert self.facts == {"a": [1, "b"]}
            self.facts["d"] = None
            self.frame.loc[0, "y"] = 0.25
            self.other["d"] = 2
            assert self.arrow.num_rows == self.polars.height == 1

    if __name__ == "__main__":
        StoredFlow()
"""

READ = """
    import json
    from flowkit import Flow
    found = {}
    for step in Flow("StoredFlow").latest_run:
        for artifact in step.task:
            found[f"{step.id}.{artifact.id}"] = artifact._stored().serializer
    end = Flow("StoredFlow").latest_run.data
    assert end.facts == {"a": [1, "b"], "d": None}
    assert list(end.frame.y) == [0.25, 1.5]
    print(json.dumps(found))
"""


@pytest.fixture
def stored(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("read.py", READ)
    return project


def serializers(project: Project) -> dict[str, str]:
    found: dict[str, str] = json.loads(project.python("read.py", check=True).stdout)
    return found


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_artifacts_are_stored_as_they_were_chosen(stored: Project, start: str) -> None:
    stored.run("run", "--task-start", start, check=True)
    assert serializers(stored) == {
        "start.frame": "parquet",
        "start.plain_frame": "pickle",
        "start.facts": "json",
        "start.other": "pickle",
        "start.arrow": "arrow",
        "start.polars": "polars",
        "end.frame": "parquet",
        "end.plain_frame": "pickle",
        "end.facts": "json",
        "end.other": "json",
        "end.arrow": "arrow",
        "end.polars": "polars",
    }


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_setting_chooses_by_type(stored: Project, start: str) -> None:
    chosen = "pandas.DataFrame=parquet polars.DataFrame=pickle,builtins.dict=json"
    stored.run("run", "--task-start", start, env={"FLOWKIT_SERIALIZERS": chosen}, check=True)
    found = serializers(stored)
    assert found["start.plain_frame"] == "parquet"
    assert found["start.polars"] == "pickle"
    assert found["start.arrow"] == "arrow"
    assert found["start.other"] == "pickle", "the decorator counts before the setting"


def test_with_chooses_for_every_step_that_does_not(stored: Project) -> None:
    stored.run("run", "--with", "serialize:facts=pickle", check=True)
    found = serializers(stored)
    assert (found["start.facts"], found["end.facts"]) == ("json", "pickle")


BROKEN = """
    from flowkit import FlowSpec, serialize, step

    class BrokenFlow(FlowSpec):
        @serialize(x="json")
        @step
        def start(self):
            self.x = (1, 2)
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        BrokenFlow()
"""


def test_a_value_that_the_choice_can_not_hold_fails_the_task(project: Project) -> None:
    project.write("flow.py", BROKEN)
    done = project.run("run")
    assert done.returncode == 1
    assert "self.x, of type builtins.tuple, can't be stored by the serializer 'json'" in done.stderr


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            '@serialize(x="parkett")',
            "flow.py:4: @serialize(x='parkett'): there is no serializer 'parkett'; there are: ",
        ),
        ("@serialize(x=3)", "flow.py:4: step 'start': @serialize(x=3): x must be a serializer's name"),
        ("@serialize()", "flow.py:4: step 'start': @serialize needs the name of an artifact"),
    ],
)
def test_a_choice_that_can_not_be_is_told_before_anything_runs(project: Project, written: str, message: str) -> None:
    project.write("flow.py", BROKEN.replace('@serialize(x="json")', written))
    done = project.run("run")
    assert done.returncode == 1
    assert message in done.stderr
    assert "started" not in done.stderr


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("builtins.dict=parkett", "no installed plugin provides the serializer 'parkett'"),
        ("dict", "FLOWKIT_SERIALIZERS must be of the form TYPE=NAME"),
    ],
)
def test_a_setting_that_can_not_be_is_told_before_anything_runs(stored: Project, value: str, message: str) -> None:
    done = stored.run("run", env={"FLOWKIT_SERIALIZERS": value})
    assert done.returncode == 2
    assert message in done.stderr
    assert "started" not in done.stderr
