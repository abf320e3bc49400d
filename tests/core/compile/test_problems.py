"""Everything that can be wrong with a flow is found, all at once, each at its line.

In the flows, a comment ``#! code code`` stands on each line where problems are to be found, and nowhere else.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flowkit.compile.compiler import CompiledFlow, check, compile_flow
from flowkit.errors import GraphError
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from support.broken_graphs import BROKEN_GRAPHS
from support.broken_steps import BROKEN_STEPS, END

HEAD = """
from flowkit import FlowSpec, JSONType, Parameter, catch, environment, parallel, resources, retry, step, timeout
from flowkit.authoring.decorators import flow_decorator_factory, step_decorator_factory
no_such, card = step_decorator_factory("no_such"), step_decorator_factory("card")
flow_retry, schedule = flow_decorator_factory("retry"), flow_decorator_factory("no_schedule")
"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.discover(Settings.load({"FLOWKIT_USER": "ada"}))


def compile_text(
    text: str, folder: Path, registry: Registry, decospecs: tuple[str, ...] = ()
) -> tuple[CompiledFlow, str]:
    file = folder / "bad_flow.py"
    source = HEAD + (text if "class F(" in text else "class F(FlowSpec):\n" + textwrap.dedent(text).strip("\n"))
    if "class F(" not in text:
        head, _, body = source.partition("class F(FlowSpec):\n")
        source = head + "class F(FlowSpec):\n" + textwrap.indent(body, "    ")
    file.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("bad_flow", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bad_flow"] = module
    try:
        spec.loader.exec_module(module)
        flow: Any = module.F
        return compile_flow(flow, registry, decospecs), source
    finally:
        del sys.modules["bad_flow"]


def expected(source: str) -> Counter[tuple[int, str]]:
    found: Counter[tuple[int, str]] = Counter()
    for number, line in enumerate(source.splitlines(), 1):
        for codes in re.findall(r"#! (.*)$", line):
            found.update((number, code) for code in codes.split())
    return found


CASES = {**BROKEN_STEPS, **BROKEN_GRAPHS}


@pytest.mark.parametrize("name", CASES)
def test_each_problem_is_found_at_its_line_and_nothing_else(name: str, tmp_path: Path, registry: Registry) -> None:
    compiled, source = compile_text(CASES[name], tmp_path, registry)
    found = Counter((problem.line, problem.code) for problem in compiled.problems)
    assert found == expected(source), "\n".join(map(str, compiled.problems))
    assert {problem.file for problem in compiled.problems} == {str(tmp_path / "bad_flow.py")}
    for problem in compiled.problems:
        assert "\n" not in problem.message
        assert len(problem.message) > 30


def test_all_problems_are_found_at_once(tmp_path: Path, registry: Registry) -> None:
    text = f"""
    lr = Parameter("tag")  #! reserved-parameter
    @retry(times="x")  #! bad-decorator
    @step
    def start(self):
        self.next(self.a, self.b)
    @step
    def a(self):
        self.next("join")  #! not-a-step
    @step
    def b(self):
        if self.x:  # nothing here
            self.next(self.join)  #! next-not-last
    @step
    def join(self, inputs, more):  #! bad-arguments
        self.next(self.emd)  #! unknown-step
    @no_such  #! unknown-decorator
    @step
    def name(self):  #! reserved-name
        self.next(self.end)
    {END}"""
    compiled, source = compile_text(text, tmp_path, registry)
    assert Counter((problem.line, problem.code) for problem in compiled.problems) == expected(source)
    with pytest.raises(GraphError) as caught:
        check(compiled)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"F has {len(compiled.problems)} problems:"
    # The file is called as it is from the working folder.
    assert lines[1:] == [f"  {str(problem).removeprefix(f'{Path.cwd()}/')}" for problem in compiled.problems]
    assert all(line.startswith("  bad_flow.py:") for line in lines[1:])
    numbers = [problem.line for problem in compiled.problems]
    assert numbers == sorted(numbers)


def test_no_steps(tmp_path: Path, registry: Registry) -> None:
    compiled, _ = compile_text("\n    x = 1\n", tmp_path, registry)
    (problem,) = compiled.problems
    assert problem.code == "no-steps"
    assert "flow 'F' has no steps" in str(problem)


def test_messages_have_the_mend(tmp_path: Path, registry: Registry) -> None:
    def message(name: str) -> str:
        return str(compile_text(CASES[name], tmp_path, registry)[0].problems[0])

    assert (
        "bad_flow.py:9: step 'start': self.next goes to 'midle', which isn't a step; did you mean middle?"
        in message("unknown step")
    )
    assert "decorate that method with @step" in message("a method that isn't a step")
    assert "it takes methods, not texts: write self.end" in message("texts, calls and stars for steps")
    assert "isn't the name of an artifact; write foreach='items'" in message("foreach of an attribute")
    assert "@retry(times=-1): times must be a whole number, 0 or more" in message("arguments of decorators")


def test_an_unknown_decorator_says_what_is_near_and_what_to_install(tmp_path: Path, registry: Registry) -> None:
    text = CASES["decorators"].replace("@no_such ", "@step_decorator_factory('kubernetes') ")
    text = text.replace("@retry(tims=2)", "@step_decorator_factory('retri')")
    compiled, _ = compile_text(text, tmp_path, registry)
    messages = [problem.message for problem in compiled.problems if problem.code == "unknown-decorator"]
    assert any("flowkit-k8s" in message for message in messages)
    assert any("did you mean 'retry'?" in message for message in messages)


def test_a_flow_whose_source_is_gone(registry: Registry) -> None:
    from flowkit import FlowSpec, step

    code = "class F(FlowSpec):\n  @step\n  def start(self): self.next(self.end)\n  @step\n  def end(self): pass\n"
    names: dict[str, Any] = {"FlowSpec": FlowSpec, "step": step, "__name__": "nowhere"}
    exec(compile(code, "<no source>", "exec"), names)
    compiled = compile_flow(names["F"], registry)
    assert [problem.code for problem in compiled.problems] == ["no-source"]
