"""``tag`` on the command line, and the options that are about tags and namespaces."""

from __future__ import annotations

import pytest

from support.project import Project

FLOW = """
    from flowkit import Flow, FlowSpec, current, default_namespace, get_namespace, namespace, step

    class TaggedFlow(FlowSpec):
        @step
        def start(self):
            self.seen = sorted(current.tags)
            self.namespace = (current.namespace, get_namespace())
            namespace("other")
            self.default = default_namespace()
            namespace(None)
            self.all = get_namespace()
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        TaggedFlow()
"""


@pytest.fixture
def tagged(project: Project) -> Project:
    """A project with one run, that has the tags a and b."""
    project.write("flow.py", FLOW)
    project.run("run", "--tag", "a", "--tag", "b", "--tag", "a", "--run-id-file", "id", check=True)
    return project


def run_id(project: Project) -> str:
    return (project.path / "id").read_text()


def tags(project: Project) -> list[str]:
    return project.run("tag", "list", "--flat", "--hide-system-tags", check=True).stdout.splitlines()


def test_flat_is_one_tag_a_line_and_nothing_else(tagged: Project) -> None:
    assert tags(tagged) == ["a", "b"]
    every = tagged.run("tag", "list", "--flat", run_id(tagged), check=True)
    assert every.stderr == ""
    names = [line.partition(":")[0] for line in every.stdout.splitlines()]
    assert names == ["a", "b", "date", "flowkit_version", "python_version", "runtime", "user"]


def test_tags_are_added_removed_and_replaced(tagged: Project) -> None:
    done = tagged.run("tag", "add", "--run-id", run_id(tagged), "c", "with space", "c", "user:tester", check=True)
    assert done.stdout.splitlines()[:5] == ["a", "b", "c", "with space", done.stdout.splitlines()[4]]
    assert "user:tester (system)" in done.stdout
    tagged.run("tag", "remove", "--run-id", run_id(tagged), "c", "never", check=True)
    assert tags(tagged) == ["a", "b", "with space"]
    tagged.run("tag", "replace", "--run-id", run_id(tagged), "--remove", "a", "--remove", "b", "--add", "z", check=True)
    assert tags(tagged) == ["with space", "z"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["remove", "--run-id", "RUN", "a", "user:tester"], 1, "Invalid tag: 'user:tester' can't be removed"),
        (["add", "--run-id", "RUN", "n", "x" * 501], 1, "501 characters; at most 500"),
        (["add", "--run-id", "RUN", *map(str, range(49))], 1, "may have 50 tags of its user's, and these would be 51"),
        (["add", "--run-id", "RUN", ""], 1, "a tag must not be empty"),
        (["add", "n"], 2, "name a run with --run-id; the latest of TaggedFlow in the namespace 'user:tester' is RUN"),
        (["add", "--run-id", "gone", "n"], 1, "there is no run TaggedFlow/gone"),
        (["replace", "--run-id", "RUN", "--add", "n"], 2, "give --add and --remove"),
        (["list", "--all", "--my-runs"], 2, "--all and --my-runs can't be given together"),
        (["list", "--flat", "--group-by-run"], 2, "--flat and --group-by-run can't be given together"),
        (["list", "RUN", "--run-id", "RUN"], 2, "RUN and --run-id can't be given together"),
        (["list", "gone"], 1, "the latest are RUN"),
    ],
)
def test_what_can_not_be_done_is_one_line_and_changes_nothing(
    tagged: Project, arguments: list[str], status: int, message: str
) -> None:
    run = run_id(tagged)
    done = tagged.run("tag", *[run if word == "RUN" else word for word in arguments])
    assert done.returncode == status
    said = [line for line in done.stderr.splitlines() if not line.startswith(("Usage: ", "Try: "))]
    assert len(said) == 1
    assert message.replace("RUN", run) in said[0] or message in said[0]
    assert tags(tagged) == ["a", "b"]


def test_another_user_s_run_is_changed_only_by_naming_the_namespace(tagged: Project) -> None:
    other = {"FLOWKIT_USER": "other"}
    refused = tagged.run("tag", "add", "--run-id", run_id(tagged), "n", env=other)
    assert refused.returncode == 1
    assert "is not in the namespace 'user:other'; its run was started by tester" in refused.stderr
    for value in ("user:tester", "a", ""):
        tagged.run("tag", "add", "--namespace", value, "--run-id", run_id(tagged), f"n-{value}", env=other, check=True)
    assert tags(tagged) == ["a", "b", "n-", "n-a", "n-user:tester"]
    named = {**other, "FLOWKIT_NAMESPACE": "a"}
    tagged.run("tag", "remove", "--run-id", run_id(tagged), "n-", env=named, check=True)
    assert "n-" not in tags(tagged)


def test_lists_of_many_runs(tagged: Project) -> None:
    first = f"TaggedFlow/{run_id(tagged)}"
    tagged.run("run", "--tag", "b", "--run-id-file", "id", env={"FLOWKIT_USER": "other"}, check=True)
    second = f"TaggedFlow/{run_id(tagged)}"

    def listed(*options: str) -> list[str]:
        return tagged.run("tag", "list", "--hide-system-tags", *options, check=True).stdout.splitlines()

    assert listed() == listed("--all") == ["a", "b"]
    assert listed("--my-runs", "--group-by-run") == [first, "  a", "  b"]
    assert listed("--group-by-run") == [second, "  b", first, "  a", "  b"]
    assert listed("--group-by-tag") == ["a", f"  {first}", "b", f"  {second}", f"  {first}"]
    system = tagged.run("tag", "list", "--group-by-tag", check=True).stdout.splitlines()
    assert system[-4:] == ["user:other (system)", f"  {second}", "user:tester (system)", f"  {first}"]
    assert tagged.run("tag", "list", "--my-runs", env={"FLOWKIT_USER": "nobody"}).returncode == 1


def test_the_group_alone_shows_its_commands(tagged: Project) -> None:
    done = tagged.run("tag", check=True)
    assert [line.split()[0] for line in done.stdout.partition("Commands:\n")[2].splitlines()] == [
        "add",
        "list",
        "remove",
        "replace",
    ]


@pytest.mark.parametrize("command", ["run", "resume"])
@pytest.mark.parametrize("tag", ["", "x" * 501])
def test_a_tag_that_can_not_be_is_refused_before_anything_runs(tagged: Project, command: str, tag: str) -> None:
    done = tagged.run(command, "--tag", tag)
    assert done.returncode == 2
    assert "--tag" in done.stderr
    assert "started" not in done.stderr
    assert tagged.run("tag", "list", "--group-by-run", check=True).stdout.count("TaggedFlow/") == 1


def test_tasks_see_the_user_s_tags_and_the_namespace(tagged: Project) -> None:
    shown = tagged.run("dump", f"{run_id(tagged)}/start", check=True).stdout
    assert "seen: list = ['a', 'b']" in shown
    assert "namespace: tuple = ('user:tester', 'user:tester')" in shown
    assert "default: str = 'user:tester'" in shown
    assert "all: NoneType = None" in shown


@pytest.mark.parametrize(
    ("options", "env", "expected"),
    [
        (["--namespace", "a"], {}, "('a', 'a')"),
        (["--namespace", ""], {}, "(None, None)"),
        ([], {"FLOWKIT_RUN_NAMESPACE": "b"}, "('b', 'b')"),
        ([], {"FLOWKIT_NAMESPACE": "c"}, "('c', 'c')"),
        (["--namespace", "a"], {"FLOWKIT_NAMESPACE": "c"}, "('a', 'a')"),
    ],
)
def test_a_run_in_another_namespace(project: Project, options: list[str], env: dict[str, str], expected: str) -> None:
    project.write("flow.py", FLOW)
    project.run("run", *options, "--run-id-file", "id", env=env, check=True)
    shown = project.run("dump", f"{run_id(project)}/start", check=True).stdout
    assert f"namespace: tuple = {expected}" in shown


def test_resume_has_tags_of_its_own(tagged: Project) -> None:
    tagged.run("resume", "start", "--tag", "again", "--run-id-file", "id", check=True)
    done = tagged.run("tag", "list", "--flat", "--hide-system-tags", run_id(tagged), check=True)
    assert done.stdout.splitlines() == ["again"]
