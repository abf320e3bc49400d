"""Flows whose steps don't fit together.

In the flows below, a comment ``#! code code`` stands on each line where problems are to be found, and nowhere else.
"""

from __future__ import annotations

from support.broken_steps import END

__all__ = ["BROKEN_GRAPHS"]

START = """
    @step
    def start(self):
        self.next(self.a)
"""

BROKEN_GRAPHS = {
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
}
