"""Plugins that break, collide or are for another version: told where they are needed, harmless where they aren't."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.bad_days import FLOW, assert_told
from support.distributions import Site
from support.project import Project
from support.records import latest_run

STORE = """
@hookimpl
def flowkit_datastores():
    yield Provider("blackhole", lambda: exit("loaded"), help="Keeps nothing", api_version={version})
"""


CHOSEN = ("--datastore", "blackhole", "--datastore-root", "x")


@pytest.fixture
def site(project: Project, tmp_path: Path) -> Site:
    project.write("flow.py", FLOW)
    folder = tmp_path / "site"
    folder.mkdir()
    project.environment["PYTHONPATH"] = str(folder)
    return Site(folder)


def test_a_plugin_that_cant_be_imported(project: Project, site: Site) -> None:
    site.plugin("broken", "import no_such_sdk")
    assert project.run("run").returncode == 0
    told = assert_told(project.run("--datastore", "blackhole", "run"), "'blackhole'", "broken", status=2)
    assert "no_such_sdk" in told
    assert "broken" in project.flowkit("plugins", "list", check=True).stdout


def test_a_provider_that_cant_be_loaded(project: Project, site: Site) -> None:
    site.plugin(
        "late",
        """
        def load():
            import no_such_sdk

        @hookimpl
        def flowkit_datastores():
            yield Provider("blackhole", load, help="Keeps nothing")
        """,
    )
    assert project.run("run").returncode == 0
    assert_told(project.run(*CHOSEN, "run"), "'blackhole'", "late", "no_such_sdk")


def test_two_plugins_that_claim_one_name(project: Project, site: Site) -> None:
    for name in ("one", "two"):
        site.plugin(name, STORE.format(version=1))
    assert project.run("run").returncode == 0
    done = project.run(*CHOSEN, "run")
    assert_told(done, "'blackhole'", "flowkit-one", "flowkit-two", headline="Two plugins claim one name")
    blocked = project.run("--no-plugin", "two", *CHOSEN, "show")
    assert blocked.returncode == 0


def test_a_plugin_for_another_version_of_the_interface(project: Project, site: Site) -> None:
    site.plugin("future", STORE.format(version=99))
    assert project.run("run").returncode == 0
    done = project.run(*CHOSEN, "run")
    assert_told(done, "'blackhole'", "flowkit-future", "99", headline="Plugin API version")


@pytest.mark.parametrize(
    ("hook", "call"),
    [("flowkit_run_started", "run"), ("flowkit_run_finished", "run"), ("flowkit_task_event", "task")],
)
def test_an_observer_that_raises_doesnt_stop_a_run(project: Project, site: Site, hook: str, call: str) -> None:
    del call
    site.plugin("rude", f"@hookimpl\ndef {hook}():\n    raise RuntimeError('rude')\n")
    done = project.run("run")
    assert done.returncode == 0, done.stderr
    assert "rude" in done.stderr
    assert done.stdout.endswith("seen 100000 number 7\n")


@pytest.mark.parametrize("ends", ["sys.exit(0)", "sys.exit(3)", "sys.exit('no license')"])
@pytest.mark.parametrize("hook", ["flowkit_run_started", "flowkit_run_finished", "flowkit_task_event"])
def test_no_observer_ends_the_command(project: Project, site: Site, hook: str, ends: str) -> None:
    site.plugin("rude", f"import sys\n@hookimpl\ndef {hook}():\n    {ends}\n")
    done = project.run("run", env={"FAIL": "1"})
    assert done.returncode == 1
    assert done.stderr.count(f"plugin 'rude': {hook} raised SystemExit: ") == 1
    assert "told to fail" in done.stderr.splitlines()[-4]  # the summary


def test_a_plugin_that_exits_as_it_is_asked_what_it_offers_is_broken(project: Project, site: Site) -> None:
    site.plugin("rude", "import sys\n@hookimpl\ndef flowkit_datastores():\n    sys.exit('no license')\n")
    assert project.run("run").returncode == 0
    assert "flowkit_datastores raised: SystemExit: no license" in project.flowkit("plugins", "list", check=True).stdout


def test_telemetry_that_exits_is_told_and_changes_nothing(project: Project, site: Site) -> None:
    site.plugin(
        "rude",
        """
        import sys

        class Rude(EventLogger):
            name = "rude"
            def log(self, event):
                sys.exit(3)

        @hookimpl
        def flowkit_event_loggers():
            yield Provider("rude", lambda: Rude)
        """,
    )
    done = project.run("--event-logger", "rude", "run")
    assert done.returncode == 0, done.stderr
    assert "Rude failed, which changes nothing else: SystemExit: 3" in done.stderr


@pytest.mark.parametrize("scope", ["42", "Scope('enter')", "Scope('leave')"])
def test_what_is_entered_around_an_attempt_names_its_plugin_and_stops_nothing(
    project: Project, site: Site, scope: str
) -> None:
    site.plugin(
        "rude",
        f"""
        class Scope:
            def __init__(self, fails):
                self.fails = fails
            def __enter__(self):
                if self.fails == "enter":
                    raise OSError("rude")
            def __exit__(self, *details):
                raise SystemExit("rude")

        @hookimpl
        def flowkit_task_scope():
            return {scope}
        """,
    )
    done = project.run("run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("plugin 'rude': flowkit_task_scope ") == 3  # in each of three tasks
    assert "Traceback" not in done.stderr + done.stdout


BUGGY = """
import builtins, os
import attrs
from flowkit.builtin.local_compute import LocalCompute
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.interfaces.flow_decorator import FlowDecorator

def fail(here):
    if os.environ["FAILS"] == here:
        name, _, text = os.environ["RAISES"].partition(": ")
        raise getattr(builtins, name)(*([int(text)] if text == "0" else [text] if text else []))
    return ()

class Step(StepDecorator):
    name = "buggy"
    def check(self, graph, step):
        return fail("check")
    def attempts(self):
        fail("attempts")
        return Attempts()
    def launch_started(self, *run):
        fail("launch_started")
    def plan(self, spec):
        return attrs.evolve(spec, backend="buggy")

class Flow(FlowDecorator):
    name = "buggy_flow"
    @classmethod
    def options(cls):
        return fail("options")
    def configure(self, launch):
        fail("configure")
        return {}

class Backend(LocalCompute):
    name = "buggy"
    def submit(self, spec):
        fail("submit")
        super().submit(spec)
    def close(self):
        super().close()
        fail("close")

class Store(LocalDatastore):
    name = "buggy"
    def put(self, *arguments, **options):
        fail("put")
        return super().put(*arguments, **options)

class Metadata(SQLiteMetadata):
    name = "buggy"
    def create_run(self, run):
        fail("create_run")
        return super().create_run(run)
    def close(self):
        super().close()
        fail("metadata")

class Logger(EventLogger):
    name = "buggy"
    def __init__(self):
        fail("logger")
    def log(self, event): ...

@hookimpl
def flowkit_step_decorators():
    yield Provider("buggy", lambda: Step)

@hookimpl
def flowkit_flow_decorators():
    yield Provider("buggy_flow", lambda: Flow)

@hookimpl
def flowkit_compute_backends():
    yield Provider("buggy", lambda: Backend)

@hookimpl
def flowkit_datastores():
    yield Provider("buggy", lambda: Store)

@hookimpl
def flowkit_metadata_providers():
    yield Provider("buggy", lambda: Metadata)

@hookimpl
def flowkit_event_loggers():
    yield Provider("buggy", lambda: Logger)
"""


@pytest.mark.parametrize(
    ("fails", "raises"),
    [
        *((raising, "ValueError: x") for raising in ("check", "attempts", "launch_started", "put", "create_run")),
        *((raising, "ValueError: x") for raising in ("logger", "options", "configure", "submit", "close", "metadata")),
        *((raising, "SystemExit: 0") for raising in ("check", "launch_started", "put", "submit", "options")),
        ("put", "BrokenPipeError"),
    ],
)
def test_a_bug_of_a_plugins_names_it_and_the_place_and_what_helps(
    project: Project, site: Site, fails: str, raises: str
) -> None:
    site.plugin("buggy", BUGGY)
    project.write(
        "flow.py",
        FLOW.replace("class BadDayFlow", "from flowkit import buggy_flow\n    @buggy_flow\n    class BadDayFlow"),
    )
    options = ["--event-logger", "buggy", "--metadata", "buggy@x", "--datastore", "buggy", "--datastore-root", "y"]
    done = project.run(*options, "run", "--with", "buggy", env={"FAILS": fails, "RAISES": raises})
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith(f"Internal error: {raises} (this is a bug of the plugin 'buggy' (flowkit-buggy 1.0), ")
    assert f"{site.folder / 'plugin_buggy.py'}:13: report it to its authors, or leave it out with --no-plugin" in line


def test_a_command_of_a_plugins_may_end_as_it_likes(project: Project, site: Site) -> None:
    site.plugin(
        "own",
        """
        import click, sys

        @click.command()
        def ends():
            sys.exit(5)

        @hookimpl
        def flowkit_commands():
            yield Provider("ends", lambda: ends)
        """,
    )
    assert project.run("ends").returncode == 5


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (
            "['--with']",
            "the option --with of @noisy of the plugin 'noisy' (flowkit-noisy 1.0) is that of FlowKit itself",
        ),
        ("['--mine', 'decospecs']", "the option decospecs of @noisy"),
        ("['--branch']", "the option --branch of @noisy of the plugin 'noisy' (flowkit-noisy 1.0) is that of @project"),
    ],
)
def test_an_option_of_a_flow_decorator_replaces_none(project: Project, site: Site, option: str, words: str) -> None:
    site.plugin(
        "noisy",
        f"""
        import click

        class Noisy(FlowDecorator):
            name = "noisy"
            @classmethod
            def options(cls):
                yield click.Option({option})

        @hookimpl
        def flowkit_flow_decorators():
            yield Provider("noisy", lambda: Noisy)
        """,
    )
    decorated = "from flowkit import noisy, project\n    @project(name='p')\n    @noisy\n    class BadDayFlow"
    project.write("flow.py", FLOW.replace("class BadDayFlow", decorated))
    assert_told(project.run("run"), words, "--no-plugin noisy", headline="Two plugins claim one name")


@pytest.mark.parametrize("raises", ["1 / 0", "raise SystemExit(0)"])
@pytest.mark.parametrize("fail", ["", "1"])
def test_a_decorator_that_is_told_of_the_end_doesnt_change_it(
    project: Project, site: Site, raises: str, fail: str
) -> None:
    site.plugin(
        "late",
        f"""
        class Flow(FlowDecorator):
            name = "late_flow"
            def launch_finished(self, *run, succeeded):
                {raises}

        class Step(StepDecorator):
            name = "late_step"
            def launch_finished(self, *run, succeeded):
                {raises}

        @hookimpl
        def flowkit_flow_decorators():
            yield Provider("late_flow", lambda: Flow)

        @hookimpl
        def flowkit_step_decorators():
            yield Provider("late_step", lambda: Step)
        """,
    )
    project.write(
        "flow.py",
        FLOW.replace("class BadDayFlow", "from flowkit import late_flow\n    @late_flow\n    class BadDayFlow"),
    )
    done = project.run("run", "--with", "late_step", env={"FAIL": fail})
    assert done.returncode == (1 if fail else 0), done.stderr
    for name in ("late_flow", "late_step"):
        assert done.stderr.count(f"plugin 'late': launch_finished of @{name} raised ") == 1
    assert ("told to fail" if fail else " succeeded in ") in done.stderr
    assert "Internal error" not in done.stderr


def test_a_backend_that_keeps_how_the_loop_ended_fails_the_run(project: Project, site: Site) -> None:
    site.plugin(
        "forgetful",
        """
        import attrs
        from flowkit.builtin.local_compute import LocalCompute

        class Backend(LocalCompute):
            name = "forgetful"
            def around_loop(self, run):
                run()

        class Step(StepDecorator):
            name = "forgetful"
            def plan(self, spec):
                return attrs.evolve(spec, backend="forgetful")

        @hookimpl
        def flowkit_compute_backends():
            yield Provider("forgetful", lambda: Backend)

        @hookimpl
        def flowkit_step_decorators():
            yield Provider("forgetful", lambda: Step)
        """,
    )
    told = assert_told(project.run("run", "--with", "forgetful"), "'forgetful' returned None", headline="Broken plugin")
    assert "around_loop" in told
    run = latest_run(project, "BadDayFlow")
    assert run is not None
    assert run.status == "failed"
