"""``--with``: its text, and what it does to steps."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit import FlowSpec, retry, step
from flowkit.compile.compiler import compile_flow
from flowkit.compile.decospecs import parse_decospec
from flowkit.errors import InvalidDecorator
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings


class Flow(FlowSpec):
    @retry(times=1)
    @step
    def start(self) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        print()


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.discover(Settings.load({"FLOWKIT_USER": "ada"}))


@pytest.mark.parametrize(
    ("text", "name", "attributes"),
    [
        ("retry", "retry", {}),
        ("retry:", "retry", {}),
        ("retry:times=3", "retry", {"times": 3}),
        ("resources:cpu=2,memory=4000", "resources", {"cpu": 2, "memory": 4000}),
        ("resources: cpu = 2 , memory = 4000", "resources", {"cpu": 2, "memory": 4000}),
        ("catch:var=error,print_exception=false", "catch", {"var": "error", "print_exception": False}),
        ('environment:vars={"A": "1,x=2", "B": "y"}', "environment", {"vars": {"A": "1,x=2", "B": "y"}}),
        ("batch:image=a/b:c,d,queue=q", "batch", {"image": "a/b:c,d", "queue": "q"}),
        ('x:a=[1, 2],b="p,q=1",c=null', "x", {"a": [1, 2], "b": "p,q=1", "c": None}),
        ("x:a={broken,b=2", "x", {"a": "{broken", "b": 2}),
        ("x:url=http://h/?q=1", "x", {"url": "http://h/?q=1"}),
        ("x:a=", "x", {"a": ""}),
    ],
)
def test_forms(text: str, name: str, attributes: dict[str, Any]) -> None:
    spec = parse_decospec(text)
    assert (spec.name, spec.attributes) == (name, attributes)
    # What is in a list or an object isn't told: a secret may be.
    assert spec.origin == "--with " + re.sub(r"=[\[{].*", "=…", text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the form is NAME or NAME:KEY=VALUE"),
        ("re try", "the form is NAME"),
        ("retry:3", "'3' isn't of the form KEY=VALUE; write retry:key=value"),
        ("retry:times=1,times=2", "'times' is given twice"),
        ("retry:=1", "'=1' isn't of the form KEY=VALUE"),
    ],
)
def test_what_is_none_of_them(text: str, said: str) -> None:
    with pytest.raises(InvalidDecorator, match=r"^--with ") as caught:
        parse_decospec(text)
    assert said in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.from_regex(r"[a-z][a-z_0-9]{0,5}", fullmatch=True)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_json_value_comes_back(attributes: dict[str, Any]) -> None:
    text = "name:" + ",".join(f"{key}={json.dumps(value)}" for key, value in attributes.items())
    assert parse_decospec(text).attributes == attributes


def test_it_is_for_steps_that_don_t_have_the_decorator(registry: Registry) -> None:
    compiled = compile_flow(Flow, registry, ["retry:times=7", "resources:cpu=2"])
    assert compiled.problems == ()
    times = {
        step: [one.attributes for one in found if one.name == "retry"]
        for step, found in compiled.step_decorators.items()
    }
    assert times == {
        "start": [{"times": 1, "minutes_between_retries": 2}],
        "end": [{"times": 7, "minutes_between_retries": 2}],
    }
    assert [spec.name for spec in compiled.graph["start"].decorators] == ["retry", "resources"]
    assert [spec.name for spec in compiled.graph["end"].decorators] == ["retry", "resources"]
    assert [spec.name for spec in compile_flow(Flow, registry).graph["end"].decorators] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rety", "--with rety: there is no step decorator 'rety'; did you mean 'retry'?"),
        ("retry:tims=2", "--with retry:tims=2: @retry has no argument 'tims'; it takes: times"),
        ("retry:times=x", "--with retry:times=x: @retry(times='x'): times must be a whole number, 0 or more"),
        ("retry:3", "--with retry:3: '3' isn't of the form KEY=VALUE"),
    ],
)
def test_a_wrong_one_is_one_problem_however_many_steps(text: str, said: str, registry: Registry) -> None:
    (problem,) = compile_flow(Flow, registry, [text]).problems
    assert str(problem).startswith(said)
