"""Resume: what finished is taken over, what failed and all after it runs again."""

from __future__ import annotations

from support.project import Project
from support.records import latest_run, tasks_of

FLOW = """
    import os

    from flowkit import FlowSpec, Parameter, step


    class ResumedFlow(FlowSpec):
        factor = Parameter("factor", default=2)
        CONSTANT = "kept"

        @step
        def start(self):
            self.items = [1, 2, 3]
            self.note("start")
            self.next(self.work, foreach="items")

        @step
        def work(self):
            self.note(f"work{self.input}")
            if os.environ.get("FAIL") == str(self.input):
                raise ValueError(f"item {self.input}")
            self.product = self.input * self.factor
            self.next(self.join)

        @step
        def join(self, inputs):
            self.note("join")
            self.products = [each.product for each in inputs]
            self.next(self.fork)

        @step
        def fork(self):
            self.next(self.side, self.other)

        @step
        def side(self):
            self.note("side")
            self.next(self.last)

        @step
        def other(self):
            self.note("other")
            if os.environ.get("FAIL") == "other":
                raise ValueError("other")
            self.next(self.last)

        @step
        def last(self, inputs):
            self.note("last")
            self.merge_artifacts(inputs)
            self.next(self.end)

        @step
        def end(self):
            self.note("end")
            print("products", self.products, self.CONSTANT)

        def note(self, what):
            with open("notes", "a") as notes:
                notes.write(what + " ")


    if __name__ == "__main__":
        ResumedFlow()
"""


def notes(project: Project) -> list[str]:
    """What ran since this was last asked, in any order."""
    file = project.path / "notes"
    words = file.read_text().split() if file.exists() else []
    file.unlink(missing_ok=True)
    return sorted(words)


def test_only_what_failed_and_what_follows_runs_again(project: Project) -> None:
    project.write("flow.py", FLOW)
    assert project.run("run", "--factor", "5", "--max-workers", "1", env={"FAIL": "2"}).returncode == 1
    assert notes(project) == ["start", "work1", "work2"]
    resumed = project.run("resume", check=True)
    assert notes(project) == ["end", "join", "last", "other", "side", "work2", "work3"]
    assert "products [5, 10, 15] kept" in resumed.stdout + resumed.stderr, "the origin's parameters count"


def test_a_named_step_and_all_after_it_run_again(project: Project) -> None:
    project.write("flow.py", FLOW)
    project.run("run", check=True)
    notes(project)
    project.run("resume", "other", check=True)
    assert notes(project) == ["end", "last", "other"], "the sibling is taken over"
    run = latest_run(project, "ResumedFlow")
    assert run is not None
    origin = {task.step: task.origin_pathspec for task in tasks_of(project, run)}
    assert origin["side"] is not None
    assert origin["other"] is origin["last"] is origin["end"] is None


def test_origins_and_metadata_of_taken_over_tasks(project: Project) -> None:
    project.write("flow.py", FLOW)
    project.run("run", "--tag", "mine", check=True)
    first = latest_run(project, "ResumedFlow")
    project.run("resume", "end", check=True)
    second = latest_run(project, "ResumedFlow")
    project.run("resume", "end", check=True)
    assert first is not None
    assert second is not None
    script = """
        from flowkit import Flow
        third, second, first = list(Flow("ResumedFlow"))
        print(third.origin_pathspec == second.pathspec, second.origin_pathspec == first.pathspec)
        task = third["start"].task
        print(task.origin_pathspec == second["start"].task.pathspec)
        print(task.metadata_dict["origin-run-id"] == second.id)
        print(task.metadata_dict["origin-task-id"] == second["start"].task.id)
        print(third["end"].task.metadata_dict["origin-run-id"] == second.id)
        print("origin-task-id" in third["end"].task.metadata_dict)
        print([each.data.product for each in third["work"]] == [6, 4, 2])
        print(sorted(third.user_tags), sorted(first.user_tags))
        print(third.data.products, third["work"].task.data.factor)
    """
    shown = project.python(str(project.write("read.py", script)), check=True).stdout.splitlines()
    assert shown == ["True True", "True", "True", "True", "True", "False", "True", "[] ['mine']", "[2, 4, 6] 2"]


def test_a_step_that_is_not_there_is_named_with_those_that_are(project: Project) -> None:
    project.write("flow.py", FLOW)
    project.run("run", check=True)
    done = project.run("resume", "nowhere")
    assert done.returncode != 0
    assert "nowhere" in done.stderr
    assert "other" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_run_to_resume(project: Project) -> None:
    project.write("flow.py", FLOW)
    done = project.run("resume")
    assert done.returncode == 1
    assert "no run to resume" in done.stderr
    named = project.run("resume", "--origin-run-id", "17")
    assert named.returncode == 1
    assert "ResumedFlow/17" in named.stderr


LOOP = """
    import os

    from flowkit import FlowSpec, step


    class LoopFlow(FlowSpec):
        @step
        def start(self):
            self.turn = 0
            self.next(self.body)

        @step
        def body(self):
            print("body", self.turn)
            if self.turn == 2 and "FAIL" in os.environ:
                raise ValueError
            self.turn += 1
            self.case = "again" if self.turn < 4 else "done"
            self.next({"again": self.body, "done": self.after}, condition="case")

        @step
        def after(self):
            if "FAIL_AFTER" in os.environ:
                raise ValueError
            self.next(self.end)

        @step
        def end(self):
            print("turns", self.turn)


    if __name__ == "__main__":
        LoopFlow()
"""


def test_a_loop_that_failed_starts_again_at_its_beginning(project: Project) -> None:
    project.write("flow.py", LOOP)
    assert project.run("run", env={"FAIL": "1"}).returncode == 1
    resumed = project.run("resume", check=True)
    text = resumed.stdout + resumed.stderr
    assert [f"body {turn}" in text for turn in range(4)] == [True] * 4
    assert "turns 4" in text


def test_a_loop_that_was_left_is_taken_over_whole(project: Project) -> None:
    project.write("flow.py", LOOP)
    assert project.run("run", env={"FAIL_AFTER": "1"}).returncode == 1
    resumed = project.run("resume", check=True)
    text = resumed.stdout + resumed.stderr
    assert "body 0" not in text
    assert "turns 4" in text


def test_code_that_was_edited_since_counts(project: Project) -> None:
    project.write("flow.py", FLOW)
    assert project.run("run", env={"FAIL": "other"}).returncode == 1
    project.write("flow.py", FLOW.replace('CONSTANT = "kept"', 'CONSTANT = "new"'))
    resumed = project.run("resume", check=True)
    assert "products [2, 4, 6] new" in resumed.stdout + resumed.stderr
