"""Flows with something wrong in single steps, decorators or parameters.

In the flows below, a comment ``#! code code`` stands on each line where problems are to be found, and nowhere else.
"""

from __future__ import annotations

__all__ = ["BROKEN_STEPS", "END"]

END = """
    @step
    def end(self):
        print()
"""

BROKEN_STEPS = {
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
    @parallel
    @step
    def a(self):
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
    "num_parallel to a step without @parallel": f"""
    @step
    def start(self):
        self.next(self.a, num_parallel=2)
    @retry
    @step
    def a(self):  #! parallel-without-decorator
        self.next(self.join)
    @step
    def join(self, inputs):
        self.next(self.end)
    {END}""",
    "num_parallel that isn't followed by its join": f"""
    @step
    def start(self):
        self.next(self.a, num_parallel=2)
    @parallel
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
    number = Parameter(5)  #! bad-parameter-name
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
