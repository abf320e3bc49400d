"""The flow decorators that come with FlowKit: their arguments, and what deployers get of them."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit import FlowSpec, Parameter, step
from flowkit.authoring import flow_decorators as authoring
from flowkit.authoring.decorators import flow_decorators_of
from flowkit.builtin.flow_decorators.exit_hook import ExitHookDecorator
from flowkit.builtin.flow_decorators.project import ProjectDecorator
from flowkit.builtin.flow_decorators.schedule import ScheduleDecorator
from flowkit.builtin.flow_decorators.trigger import TriggerDecorator
from flowkit.builtin.flow_decorators.trigger_on_finish import TriggerOnFinishDecorator
from flowkit.compile.compiler import compile_flow
from flowkit.compile.graph_builder import graph_of
from flowkit.compile.graph_info import graph_info
from flowkit.compile.plan import make_plan
from flowkit.errors import InvalidDecorator
from flowkit.interfaces.flow_decorator import FlowDecorator, Launch
from flowkit.kernel.registry import Registry
from flowkit.model.graph import DecoratorSpec
from flowkit.model.task import StoreRef
from flowkit.settings import Settings


class Flow(FlowSpec):
    size = Parameter("size", default=1)

    @step
    def start(self) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        print()


def hook() -> None:
    """A hook."""


def two(_one: Any, _two: Any) -> None:
    """Not a hook."""


def made(decorator: type[FlowDecorator], **arguments: Any) -> Any:
    return decorator(DecoratorSpec(decorator.name, arguments, "flow.py:7"))


def launched(**options: Any) -> Launch:
    return Launch(Flow, graph_of(Flow), options, "ada", StoreRef("local", "/nowhere"))


@pytest.mark.parametrize(
    ("decorator", "arguments", "said"),
    [
        (ProjectDecorator, {}, "@project needs the project's name"),
        (ProjectDecorator, {"name": "My Project"}, "name must be a text of lowercase letters, digits and underscores"),
        (ProjectDecorator, {"name": "a" * 129}, "at most 128"),
        (ProjectDecorator, {"name": 3}, "name must be a text"),
        (ProjectDecorator, {"name": "p", "branch": "A"}, "@project(branch='A'): branch must be a text of lowercase"),
        (ProjectDecorator, {"name": "p", "production": 1}, "production must be True or False"),
        (ProjectDecorator, {"name": "p", "brunch": "x"}, "@project has no argument 'brunch'; it takes: name, branch"),
        (ScheduleDecorator, {"hourly": "yes"}, "hourly must be True or False"),
        (ScheduleDecorator, {"hourly": True, "weekly": True}, "@schedule has hourly and weekly: choose one"),
        (ScheduleDecorator, {"daily": True, "cron": "0 6 * * *"}, "@schedule has daily and cron: choose one"),
        (ScheduleDecorator, {"daily": False}, "@schedule needs one of hourly, daily, weekly and cron"),
        (ScheduleDecorator, {"cron": "at six"}, "cron must be a text of 5 fields, or 6"),
        (ScheduleDecorator, {"cron": "0 6 * * ;"}, "cron must be a text of 5 fields, or 6"),
        (ScheduleDecorator, {"timezone": "Mars/Base"}, "timezone must be the name of a time zone"),
        (TriggerDecorator, {}, "@trigger needs an event"),
        (TriggerDecorator, {"event": "a", "events": ["b"]}, "@trigger has both event and events"),
        (TriggerDecorator, {"events": "a"}, "events must be a list of events"),
        (TriggerDecorator, {"event": 3}, "event must be an event's name"),
        (TriggerDecorator, {"event": {"nome": "a"}}, "event must be an event's name"),
        (TriggerDecorator, {"events": ["a", "a"]}, "@trigger has the event 'a' twice"),
        (TriggerDecorator, {"event": {"name": "a", "parameters": 3}}, "event: parameters must be a dict"),
        (TriggerDecorator, {"event": {"name": "a", "parameters": ["x", ("x", "y")]}}, "gives the parameter 'x' twice"),
        (TriggerDecorator, {"event": "a", "options": 1}, "options must be a dict"),
        (TriggerOnFinishDecorator, {}, "@trigger_on_finish needs a flow"),
        (TriggerOnFinishDecorator, {"flow": "A", "flows": ["B"]}, "has both flow and flows"),
        (TriggerOnFinishDecorator, {"flow": "a.B"}, "flow must be 'Flow', 'project.branch.Flow'"),
        (TriggerOnFinishDecorator, {"flow": {"name": "A", "branch": "b"}}, "flow must be 'Flow'"),
        (TriggerOnFinishDecorator, {"flows": ["A", "A"]}, "has 'A' twice"),
        (TriggerOnFinishDecorator, {"flows": "A"}, "flows must be a list of flows"),
        (ExitHookDecorator, {}, "@exit_hook needs functions"),
        (ExitHookDecorator, {"on_success": ["hook"]}, "on_success must be a list of functions"),
        (ExitHookDecorator, {"on_error": [two]}, "functions of no argument, or of one: the run"),
    ],
)
def test_wrong_arguments(decorator: type[FlowDecorator], arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidDecorator, match=r"^flow\.py:7: @") as caught:
        made(decorator, **arguments)
    assert said in str(caught.value)


# --- @project --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "options", "branch"),
    [
        ({}, {}, "user.ada"),
        ({}, {"branch": "x"}, "test.x"),
        ({}, {"production": True}, "prod"),
        ({}, {"production": True, "branch": "x"}, "prod.x"),
        ({"branch": "y"}, {}, "test.y"),
        ({"branch": "y"}, {"production": True}, "prod.y"),
        ({"production": True}, {"branch": "x"}, "prod.x"),
    ],
)
def test_branches_of_a_project(arguments: dict[str, Any], options: dict[str, Any], branch: str) -> None:
    decorator = made(ProjectDecorator, name="p", **arguments)
    configured = decorator.configure(launched(**options))
    assert configured == {
        "project_name": "p",
        "branch_name": branch,
        "is_user_branch": branch.startswith("user."),
        "is_production": branch.startswith("prod"),
        "project_flow_name": f"p.{branch}.Flow",
    }
    assert set(decorator.system_tags(configured)) == {"project:p", f"project_branch:{branch}"}
    assert decorator.labels(configured) == {"project": "p", "project_branch": branch}


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ({"branch": "y"}, {"branch": "x"}, "--branch is given, and flow.py:7 says @project(branch='y')"),
        ({"production": True}, {"production": True}, "--production is given, and flow.py:7 says"),
        ({}, {"branch": "a.b"}, "--branch 'a.b': the name of a branch must be a text of lowercase"),
        ({}, {"branch": ""}, "--branch '': the name of a branch must be"),
    ],
)
def test_branches_that_are_refused(arguments: dict[str, Any], options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidDecorator) as caught:
        made(ProjectDecorator, name="p", **arguments).configure(launched(**options))
    assert said in str(caught.value)


# --- what deployers get ----------------------------------------------------------------------------------------------


def event(_context: Any = None) -> str:
    return "made"


@pytest.mark.parametrize(
    ("decorator", "arguments", "shown"),
    [
        (
            ScheduleDecorator,
            {},
            {"hourly": False, "daily": True, "weekly": False, "cron": None, "timezone": None},
        ),
        (
            ScheduleDecorator,
            {"cron": "0 6 ? * MON-FRI *", "timezone": "Europe/Berlin"},
            {
                "hourly": False,
                "daily": False,
                "weekly": False,
                "cron": "0 6 ? * MON-FRI *",
                "timezone": "Europe/Berlin",
            },
        ),
        (TriggerDecorator, {"event": "a"}, {"events": [{"name": "a", "parameters": {}}], "options": {}}),
        (
            TriggerDecorator,
            {"events": [event, {"name": "b", "parameters": ["size", ("x", "y")]}], "options": {"o": 1}},
            {
                "events": [
                    {"name": "event", "parameters": {}},
                    {"name": "b", "parameters": {"size": "size", "x": "y"}},
                ],
                "options": {"o": 1},
            },
        ),
        (
            TriggerOnFinishDecorator,
            {"flows": ["A", "p.test.x.B", {"name": "C", "project": "q"}]},
            {
                "flows": [
                    {"name": "A", "project": None, "project_branch": None},
                    {"name": "B", "project": "p", "project_branch": "test.x"},
                    {"name": "C", "project": "q", "project_branch": None},
                ],
                "options": {},
            },
        ),
        (
            ExitHookDecorator,
            {"on_success": [hook], "on_error": hook},
            {"on_success": ["hook"], "on_error": ["hook"], "options": {}},
        ),
        (ProjectDecorator, {"name": "p"}, {"name": "p", "branch": None, "production": False}),
    ],
)
def test_what_is_shown(decorator: type[FlowDecorator], arguments: dict[str, Any], shown: dict[str, Any]) -> None:
    spec = made(decorator, **arguments).shown()
    assert (spec.name, dict(spec.attributes), spec.origin) == (decorator.name, shown, "flow.py:7")


@authoring.exit_hook(on_success=[hook])
@authoring.exit_hook(on_error=[hook])
@authoring.trigger(event={"name": "new-data", "parameters": {"size": "rows", "sise": "rows"}})
@authoring.schedule
@authoring.project(name="p")
class Deployed(Flow):
    pass


def test_deployers_and_readers_of_the_graph_get_them() -> None:
    compiled = compile_flow(Deployed, Registry.discover(Settings.load()))
    plan = make_plan(compiled)
    assert [spec.name for spec in plan.decorators] == ["exit_hook", "exit_hook", "trigger", "schedule", "project"]
    assert plan.decorators[3].attributes["daily"] is True
    info = graph_info(compiled)["decorators"]
    assert [one["name"] for one in info] == [spec.name for spec in plan.decorators]
    assert info[0]["attributes"]["on_success"] == ["hook"]
    assert flow_decorators_of(Deployed)[0].origin.startswith(f"{__file__}:")


def test_events_give_values_to_parameters_that_are_there() -> None:
    (problem,) = compile_flow(Deployed, Registry.discover(Settings.load())).problems
    assert problem.message == "@trigger: the flow has no parameter 'sise'; did you mean size?"
    assert (problem.file, problem.line > 0) == (__file__, True)


def test_names_of_events_in_a_namespace() -> None:
    name = authoring.namespaced_event_name("data")
    assert (name(), name("p"), name("p", "user.ada")) == ("data", "p.data", "p.user.ada.data")
    assert made(TriggerDecorator, event=name).shown().attributes["events"][0]["name"] == "data"
