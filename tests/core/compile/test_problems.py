"""Everything that can be wrong with a flow is found, all at once, each at its line.

In the flows below, a comment ``#! code code`` stands on each line where problems are to be found, and nowhere else.
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

HEAD = """
from flowkit import FlowSpec, JSONType, Parameter, catch, environment, resources, retry, step, timeout
from flowkit.authoring.decorators import flow_decorator_factory, step_decorator_factory
no_such, card = step_decorator_factory("no_such"), step_decorator_factory("card")
flow_retry, schedule = flow_decorator_factory("retry"), flow_decorator_factory("no_schedule")
"""

START = """
    @step
    def start(self):
        self.next(self.a)
"""
END = """
    @step
    def end(self):
        print()
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


CASES = {
    "no start": f"""
    @step
    def begin(self):  #! no-start
        self.next(self.end)
    {END}""",
    "no end": """
    @step
    def start(self):  #! no-end
        self.next(self.finish)
    @step
    def finish(self):  #! no-next
        print()
    """,
    "neither, marked twice": """
    @step(start=True)
    def a(self):
        self.next(self.b)
    @step(start=True)
    def b(self):  #! two-starts
        self.next(self.c)
    @step(end=True)
    def c(self):
        print()
    """,
    "marked, and named": """
    @step(start=True)
    def first(self):
        self.next(self.last)
    @step
    def start(self):  #! two-starts unreachable
        self.next(self.last)
    @step(end=True)
    def last(self):
        print()
    """,
    "unknown step": f"""
    @step
    def start(self):
        self.next(self.midle)  #! unknown-step
    @step
    def middle(self):
        self.next(self.end)
    {END}""",
    "a method that isn't a step": f"""
    @step
    def start(self):
        self.next(self.helper)  #! unknown-step
    def helper(self):
        self.next(self.end)
    {END}""",
    "no next": f"""
    @step
    def start(self):  #! no-next
        print()
    {END}""",
    "next not last": f"""
    @step
    def start(self):
        self.next(self.end)  #! next-not-last
        print()
    {END}""",
    "next twice": f"""
    @step
    def start(self):
        self.next(self.end)  #! next-not-last
        self.next(self.end)
    {END}""",
    "next in an if": f"""
    @step
    def start(self):
        if True:
            self.next(self.end)  #! next-not-last
        else:
            self.next(self.a)  #! next-not-last
    @step
    def a(self):
        self.next(self.end)
    {END}""",
    "next returned": f"""
    @step
    def start(self):
        return self.next(self.end)  #! next-not-last
    {END}""",
    "end with next, and a join": """
    @step
    def start(self):
        self.next(self.end)
    @step
    def end(self, inputs):  #! end-is-join
        self.next(self.start)  #! end-with-next
    """,
    "texts, calls and stars for steps": f"""
    @step
    def start(self):
        self.next('end')  #! not-a-step
    @step
    def a(self):
        self.next(*[self.end])  #! not-a-step
    @step
    def b(self):
        self.next(end)  #! not-a-step
    @step
    def c(self):
        self.next()  #! empty-next
    {END}""",
    "the same step twice": f"""
    @step
    def start(self):
        self.next(self.a, self.a)  #! duplicate-step
    @step
    def a(self):
        self.next(self.end)
    {END}""",
    "unknown argument": f"""
    @step
    def start(self):
        self.next(self.end, into="x")  #! unknown-argument
    {END}""",
    "foreach of a list": f"""
    @step
    def start(self):
        self.next(self.a, foreach=[1, 2])  #! bad-foreach
    @step
    def a(self):
        self.next(self.join)
    @step
    def join(self, inputs):  #! join-without-split
        self.next(self.end)
    {END}""",
    "foreach of an attribute": f"""
    @step
    def start(self):
        self.next(self.a, foreach=self.items)  #! bad-foreach
    @step
    def a(self):
        self.next(self.join)
    @step
    def join(self, inputs):  #! join-without-split
        self.next(self.end)
    {END}""",
    "foreach of several": f"""
    @step
    def start(self):
        self.next(self.a, self.b, foreach="items")  #! foreach-of-many
    @step
    def a(self):
        self.next(self.join)
    @step
    def b(self):
        self.next(self.join)
    @step
    def join(self, inputs):
        self.next(self.end)
    {END}""",
    "foreach with num_parallel, and of none": f"""
    @step
    def start(self):
        self.next(self.a, foreach="items", num_parallel=0)  #! mixed-next bad-num-parallel
    @step
    def a(self):
        self.next(self.join)
    @step
    def join(self, inputs):
        self.next(self.end)
    {END}""",
    "join without split": f"""
    {START}
    @step
    def a(self, inputs):  #! join-without-split
        self.next(self.end)
    {END}""",
    "split without join": """
    @step
    def start(self):
        self.next(self.a, self.b)
    @step
    def a(self):
        self.next(self.end)
    @step
    def b(self):
        self.next(self.end)
    @step
    def end(self):  #! split-without-join
        print()
    """,
    "foreach without join": """
    @step
    def start(self):
        self.next(self.a, foreach="x")
    @step
    def a(self):
        self.next(self.end)
    @step
    def end(self):  #! split-without-join
        print()
    """,
    "a join that isn't marked as one": f"""
    @step
    def start(self):
        self.next(self.a, self.b)
    @step
    def a(self):
        self.next(self.c)
    @step
    def b(self):
        self.next(self.c)
    @step
    def c(self):  #! not-a-join
        self.next(self.join)
    @step
    def join(self, inputs):  #! incomplete-join
        self.next(self.end)
    {END}""",
    "a join of part of a split": """
    @step
    def start(self):
        self.next(self.a, self.b, self.c)
    @step
    def a(self):
        self.next(self.join)
    @step
    def b(self):
        self.next(self.join)
    @step
    def c(self):
        self.next(self.end)
    @step
    def join(self, inputs):  #! incomplete-join
        self.next(self.end)
    @step
    def end(self):  #! split-without-join
        print()
    """,
    "a join of different splits": """
    @step
    def start(self):
        self.next(self.a, self.b)
    @step
    def a(self):
        self.next(self.c, foreach="x")
    @step
    def c(self):
        self.next(self.join)
    @step
    def b(self):
        self.next(self.join)
    @step
    def join(self, inputs):  #! join-of-different-splits
        self.next(self.end)
    @step
    def end(self):  #! split-without-join
        print()
    """.replace(END, ""),
    "a join that splits": f"""
    @step
    def start(self):
        self.next(self.a, foreach="x")
    @step
    def a(self):
        self.next(self.join)
    @step
    def join(self, inputs):
        self.next(self.b, self.c)  #! join-splits
    @step
    def b(self):
        self.next(self.join2)
    @step
    def c(self):
        self.next(self.join2)
    @step
    def join2(self, inputs):
        self.next(self.end)
    {END}""",
    "a split straight into its join": f"""
    @step
    def start(self):
        self.next(self.a, foreach="x")
    @step
    def a(self, inputs):  #! empty-branch
        self.next(self.end)
    {END}""",
    "one split, two joins": f"""
    @step
    def start(self):
        self.next(self.a, foreach="x")  #! two-joins
    @step
    def a(self):
        self.next({{1: self.one, 2: self.two}}, condition="x")
    @step
    def one(self, inputs):
        self.next(self.end)
    @step
    def two(self, inputs):
        self.next(self.end)
    {END}""",
    "unreachable": f"""
    @step
    def start(self):
        self.next(self.end)
    @step
    def a(self):  #! unreachable
        self.next(self.end)
    {END}""",
    "a loop without a switch": f"""
    {START}
    @step
    def a(self):  #! no-way-to-end
        self.next(self.b)
    @step
    def b(self):  #! no-way-to-end
        self.next(self.a)  #! loop
    @step
    def end(self):  #! unreachable
        print()
    """.replace(
        "    @step\n    def start(self):\n        self.next(self.a)",
        "    @step\n    def start(self):  #! no-way-to-end\n        self.next(self.a)",
    ),
    "a switch that never leaves its loop": """
    @step
    def start(self):  #! no-way-to-end
        self.next(self.a)
    @step
    def a(self):  #! no-way-to-end
        self.next({1: self.a, 2: self.b}, condition="x")
    @step
    def b(self):  #! no-way-to-end
        self.next(self.a)
    @step
    def end(self):  #! unreachable
        print()
    """,
    "a way back to the start": f"""
    @step
    def start(self):
        self.next(self.a)
    @step
    def a(self):
        self.next({{1: self.start, 2: self.end}}, condition="x")  #! next-to-start
    {END}""",
    "a loop out of a split": f"""
    @step
    def start(self):
        self.next(self.head)
    @step
    def head(self):  #! mixed-splits
        self.next(self.a, self.b)
    @step
    def a(self):
        self.next({{1: self.head, 2: self.join}}, condition="x")
    @step
    def b(self):
        self.next(self.join)
    @step
    def join(self, inputs):
        self.next(self.end)
    {END}""",
    "arguments": f"""
    @step
    def start():  #! bad-arguments no-next
        print()
    @step
    def a(self, inputs, more):  #! bad-arguments
        self.next(self.end)
    @step
    async def b(self):  #! not-a-function
        self.next(self.end)
    @step
    def c(self):  #! not-a-function
        yield 1
        self.next(self.end)
    @step
    def d(self, *, key):  #! bad-arguments
        self.next(self.end)
    {END}""",
    "names": f"""
    @step
    def start(self):
        self.next(self.input)
    @step
    def input(self):  #! reserved-name
        self.next(self.index)
    @step
    def index(self):  #! reserved-name
        self.next(self.name)
    @step
    def name(self):  #! reserved-name
        self.next(self.cmd)
    @step
    def cmd(self):  #! reserved-name
        self.next(self.merge_artifacts)
    @step
    def merge_artifacts(self):  #! reserved-name
        self.next(self._private)
    @step
    def _private(self):  #! bad-step-name
        self.next(self.Upper)
    @step
    def Upper(self):  #! bad-step-name
        self.next(self.end)
    {END}""",
    "switches": f"""
    key = "a"
    @step
    def start(self):
        self.next({{"a": self.end}}, condition="x")  #! one-case
    @step
    def a(self):
        self.next({{"a": self.end, key: self.end}}, condition="x")  #! bad-case
    @step
    def b(self):
        self.next({{"a": self.end, "b": self.b}})  #! bad-switch
    @step
    def c(self):
        self.next(self.end, condition="x")  #! bad-switch
    @step
    def d(self):
        self.next({{"a": self.end, "b": self.d}}, condition=self.x)  #! bad-condition
    @step
    def e(self):
        self.next({{"a": self.end, "a": self.e}}, condition="x")  #! duplicate-case
    @step
    def f(self):
        self.next({{**self.cases, "b": "end"}}, condition="x")  #! bad-case not-a-step
    {END}""",
    "num_parallel that isn't followed by its join": f"""
    @step
    def start(self):
        self.next(self.a, num_parallel=2)
    @step
    def a(self):  #! parallel-without-join
        self.next(self.b)
    @step
    def b(self):
        self.next(self.join)
    @step
    def join(self, inputs):
        self.next(self.end)
    {END}""",
    "decorators": f"""
    @no_such  #! unknown-decorator
    @retry(tims=2)  #! bad-decorator
    @retry
    @retry(times=4)  #! duplicate-decorator
    @step
    def start(self):
        self.next(self.end)
    @retry(times=1)  #! not-a-step
    def helper(self):
        return 1
    {END}""",
    "decorators of flows": f"""
@flow_retry(times=2)  #! unknown-decorator
@schedule  #! unknown-decorator
class F(FlowSpec):
    @step
    def start(self):
        self.next(self.end)
    {END}""",
    "arguments of decorators": f"""
    @retry(times=-1)  #! bad-decorator
    @timeout  #! bad-decorator
    @environment(vars=["A"])  #! bad-decorator
    @resources(memory="lots")  #! bad-decorator
    @catch(var="not a name")  #! bad-decorator
    @step
    def start(self):
        self.next(self.end)
    {END}""",
    "catch where it can't be": f"""
    @catch(var="start")
    @step
    def start(self):  #! catch catch
        self.next(self.a, foreach="x")
    @catch
    @step
    def a(self):  #! catch
        self.next({{1: self.a, 2: self.join}}, condition="x")
    @step
    def join(self, inputs):
        self.next(self.end)
    {END}""",
    "parameters": f"""
    a = Parameter("max-workers")  #! reserved-parameter
    b = Parameter("run_id")  #! reserved-parameter
    c = Parameter("Tag")  #! reserved-parameter
    d = Parameter("learning-rate", default=1)
    e = Parameter("learning_RATE", default=1)  #! duplicate-parameter
    index = Parameter("position")  #! reserved-parameter
    f = Parameter("two words")  #! bad-parameter-name
    g = Parameter("g", default="x", type=int)  #! bad-default
    h = Parameter("h", separator=",", type=int)  #! bad-parameter
    i = Parameter("i", required=lambda: True, default=None, show_default=lambda: 1)  #! bad-parameter
    j = Parameter("j", multiple=True, default="x")  #! bad-parameter
    k = Parameter("k", default="{{", type=JSONType)  #! bad-default
    l = Parameter("l", default=lambda context: 1)
    @step
    def start(self):
        self.next(self.end)
    {END}""",
}


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
    assert lines[1:] == [f"  {problem}" for problem in compiled.problems]
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
    text = CASES["decorators"].replace("@no_such ", "@card ").replace("@retry(tims=2)", "@step_decorator")
    text = text.replace("@step_decorator", "@step_decorator_factory('retri')")
    compiled, _ = compile_text(text, tmp_path, registry)
    messages = [problem.message for problem in compiled.problems if problem.code == "unknown-decorator"]
    assert any("flowkit-cards" in message for message in messages)
    assert any("did you mean 'retry'?" in message for message in messages)


def test_a_flow_whose_source_is_gone(registry: Registry) -> None:
    from flowkit import FlowSpec, step

    code = "class F(FlowSpec):\n  @step\n  def start(self): self.next(self.end)\n  @step\n  def end(self): pass\n"
    names: dict[str, Any] = {"FlowSpec": FlowSpec, "step": step, "__name__": "nowhere"}
    exec(compile(code, "<no source>", "exec"), names)
    compiled = compile_flow(names["F"], registry)
    assert [problem.code for problem in compiled.problems] == ["no-source"]
