"""Parameters: their values, from text, defaults and functions."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import click
import pytest

from flowkit import FlowSpec, JSONType, Parameter, step
from flowkit.authoring.parameters import ParameterContext, parameters_of
from flowkit.errors import ParameterError

CONTEXT = ParameterContext("Flow", "ada", "p")


def given(parameter: Parameter, *arguments: str) -> Any:
    """What the artifact is for a command line."""
    command = click.Command("run", params=[parameter.click_option()])
    with command.make_context("run", list(arguments)) as context:
        value = context.params[parameter.option_key]
    if value is None or (parameter.multiple and not value):
        return parameter.evaluate_default(CONTEXT)
    return parameter.convert(value)


@pytest.mark.parametrize(
    ("parameter", "arguments", "value"),
    [
        (Parameter("p"), ["--p", "3"], "3"),
        (Parameter("p"), [], None),
        (Parameter("p", default=3), ["--p", "4"], 4),
        (Parameter("p", default=3), [], 3),
        (Parameter("p", default=0.5), ["--p", "4"], 4.0),
        (Parameter("p", type=float, default=1), [], 1.0),
        (Parameter("p", default=True), ["--p", "False"], False),
        (Parameter("p", type=bool), ["--p", "yes"], True),
        (Parameter("p", default="x"), ["--p", ""], ""),
        (Parameter("p", type=JSONType), ["--p", '{"a": [1, null]}'], {"a": [1, None]}),
        (Parameter("p", type=JSONType), ["--p", '"12"'], "12"),
        (Parameter("p", type=JSONType, default='{"a": 1}'), [], {"a": 1}),
        (Parameter("p", default={"a": 1}), [], {"a": 1}),
        (Parameter("p", default=[1, 2]), ["--p", "[3]"], [3]),
        (Parameter("p", separator=","), ["--p", "a,b"], ["a", "b"]),
        (Parameter("p", separator=",", default="a,b"), [], ["a", "b"]),
        (Parameter("p", multiple=True, type=int), ["--p", "1", "--p", "2"], (1, 2)),
        (Parameter("p", multiple=True, default=[1, 2]), [], (1, 2)),
        (Parameter("p", multiple=True), [], ()),
        (Parameter("p", type=["small", 2]), ["--p", "2"], 2),
        (Parameter("p", type=click.Choice(["a", "b"])), ["--p", "b"], "b"),
        (Parameter("p", type=click.IntRange(1, 5)), ["--p", "5"], 5),
        (Parameter("long-name", default=1), ["--long-name", "2"], 2),
        (Parameter("UPPER", default=1), ["--UPPER", "2"], 2),
    ],
)
def test_values(parameter: Parameter, arguments: list[str], value: Any) -> None:
    result = given(parameter, *arguments)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("parameter", "text", "said"),
    [
        (Parameter("p", default=3), "x", "'x' is not a whole number"),
        (Parameter("p", default=3), "1.5", "'1.5' is not a whole number"),
        (Parameter("p", default=0.5), "x", "'x' is not a number"),
        (Parameter("p", default=True), "maybe", "'maybe' is not a boolean; write True or False"),
        (Parameter("p", type=JSONType), "{", "'{' is not valid JSON"),
        (Parameter("p", type=["a", "b"]), "c", "'c' is not one of 'a', 'b'"),
        (Parameter("p", type=click.IntRange(1, 5)), "9", "range"),
        (Parameter("p", multiple=True, type=int), "x", "'x' is not a whole number"),
    ],
)
def test_wrong_values_are_refused_by_the_option_and_by_convert(parameter: Parameter, text: str, said: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        given(parameter, "--p", text)
    assert said in caught.value.message
    assert "--p" in caught.value.format_message()
    with pytest.raises(ParameterError, match="parameter 'p': ") as refused:
        parameter.convert(text)
    assert said in str(refused.value)


def test_a_required_parameter() -> None:
    parameter = Parameter("p", required=True, type=int)
    with pytest.raises(click.MissingParameter):
        given(parameter)
    with pytest.raises(ParameterError, match="parameter 'p' is required; give it with --p VALUE"):
        parameter.evaluate_default(CONTEXT)
    assert Parameter("p", required=True, default=1).required is False


def test_a_default_function_is_called_with_the_context() -> None:
    seen: list[ParameterContext] = []

    def default(context: ParameterContext) -> int:
        seen.append(context)
        return 5

    parameter = Parameter("p", default=default, type=int)
    parameter.click_option()
    assert parameter.spec().default_is_computed
    assert seen == []
    assert parameter.evaluate_default(CONTEXT) == 5
    (context,) = seen
    assert (context.flow_name, context.user_name, context.parameter_name) == ("Flow", "ada", "p")
    assert (context.ds_type, context.configs) == ("local", {})
    context.logger("said")


@pytest.mark.parametrize(
    ("default", "kind", "said"),
    [
        (lambda context: 1 / 0, None, "raised ZeroDivisionError: division by zero"),
        (lambda: 1, None, "raised TypeError"),
        (lambda context: 3, None, r"returned int, and the parameter is of type str; give the type: .*type=int"),
        (lambda context: "x", int, "returned str, and the parameter is of type int"),
        (lambda context: "{", JSONType, "not valid JSON"),
    ],
)
def test_an_error_of_a_default_function_names_the_parameter(default: Any, kind: Any, said: str) -> None:
    with pytest.raises(ParameterError, match=f"parameter 'p': .*{said}"):
        Parameter("p", default=default, type=kind).evaluate_default(CONTEXT)


@pytest.mark.parametrize(
    ("default", "kind", "value"),
    [
        (lambda context: '{"a": 1}', JSONType, {"a": 1}),
        (lambda context: {"a": 1}, JSONType, {"a": 1}),
        (lambda context: 2, float, 2),
        (lambda context: None, int, None),
    ],
)
def test_what_a_default_function_may_return(default: Any, kind: Any, value: Any) -> None:
    assert Parameter("p", default=default, type=kind).evaluate_default(CONTEXT) == value


def test_parameters_of_a_flow_and_its_bases_in_order() -> None:
    class Base(FlowSpec):
        first = Parameter("one", default=1)
        second = Parameter("two", default=2)

    class Derived(Base):
        third = Parameter("three", help="the third", multiple=True, type=float)
        second = None

        @step
        def start(self) -> None:
            print()

    Derived.fourth = Parameter("four")
    found = parameters_of(Derived)
    assert [(one.attribute, one.name) for one in found] == [("first", "one"), ("third", "three"), ("fourth", "four")]
    assert isinstance(Derived.first, Parameter)
    spec = found[1].spec()
    assert (spec.name, spec.attribute, spec.type, spec.help, spec.multiple) == (
        "three",
        "third",
        "float",
        "the third",
        True,
    )
    assert [one.spec().type for one in (found[0], found[2])] == ["int", "str"]


def test_help_shows_defaults_unless_told_not_to() -> None:
    assert Parameter("p", default=3, help="count").click_option().help == "count  [default: 3]"
    assert Parameter("p", default=3, show_default=False, help="count").click_option().help == "count"
    assert Parameter("p", default=lambda context: 3).click_option().help == "[default: computed when the run starts]"
    with click.Context(click.Command("x")) as context:
        assert "[small|large]" in str(Parameter("p", type=["small", "large"]).click_option().get_help_record(context))


def test_a_parameter_of_an_instance_that_runs_nothing() -> None:
    class Flow(FlowSpec):
        p = Parameter("p", default=1)

    flow = Flow(use_cli=False)
    assert isinstance(flow.p, Parameter)
    flow.p = 3
    assert flow.p == 3


def test_authoring_needs_no_click_before_options_are_made() -> None:
    code = (
        "import sys\n"
        "from flowkit import FlowSpec, step, Parameter, JSONType, current, retry\n"
        "class F(FlowSpec):\n"
        "    p = Parameter('p', default=1)\n"
        "p = F.p.evaluate_default(None)\n"
        "print(sorted({'click', 'pluggy', 'rich', 'inspect', 'logging'} & set(sys.modules)), p)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded, _, value = done.stdout.strip().rpartition(" ")
    assert value == "1"
    assert not {"click", "pluggy", "rich"} & set(eval(loaded))
