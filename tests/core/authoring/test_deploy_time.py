"""Values that are computed where a flow is deployed."""

from __future__ import annotations

import pytest

from flowkit.authoring.deploy_time import DeployTimeField, call_at_deployment, deploy_time_eval, deploying
from flowkit.errors import ParameterFieldFailed, ParameterFieldTypeMismatch
from flowkit.parameters import JSONType, ParameterContext

CONTEXT = ParameterContext("Flow", "tester", "alpha", project_name="p", branch_name="b")


def test_a_field_is_computed_with_the_context() -> None:
    field = DeployTimeField("alpha", str, "default", lambda context: f"{context.flow_name}.{context.project_name}")
    with deploying(CONTEXT):
        assert deploy_time_eval(field) == "Flow.p"
    assert deploy_time_eval("itself") == "itself"


def test_values_that_are_not_texts() -> None:
    assert DeployTimeField("x", JSONType, None, lambda _: {"a": [1]})() == '{"a": [1]}'
    assert DeployTimeField("x", JSONType, None, lambda _: {"a": [1]}, return_str=False)() == {"a": [1]}
    assert DeployTimeField("x", int, None, lambda _: 3)() == 3


def test_functions_that_fail() -> None:
    def broken(context: object) -> str:
        raise ValueError("no")

    with pytest.raises(ParameterFieldFailed, match=r"alpha: its default, computed by broken raised ValueError: no"):
        DeployTimeField("alpha", str, "default", broken)()
    with pytest.raises(ParameterFieldTypeMismatch, match=r"alpha, computed by .*, is int, and must be str"):
        DeployTimeField("alpha", str, None, lambda _: 3, print_representation="f")()


def test_what_functions_are_given() -> None:
    assert call_at_deployment(lambda: "nothing", CONTEXT, "x") == "nothing"
    assert call_at_deployment(lambda context: context.user_name, CONTEXT, "x") == "tester"
    assert call_at_deployment(lambda project_name, branch_name: (project_name, branch_name), CONTEXT, "x") == ("p", "b")
    assert call_at_deployment(DeployTimeField("x", str, None, lambda c: c.flow_name), CONTEXT, "x") == "Flow"
