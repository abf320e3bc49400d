"""``output-raw``: the graph as FlowKit has it."""

from __future__ import annotations

import json

from support.project import Project

FLOW = """
    from flowkit import FlowSpec, retry, step


    class Shown(FlowSpec):
        @step
        def start(self):
            \"\"\"Begin.\"\"\"
            self.items = [1]
            self.next(self.a, foreach="items")

        @retry(times=2)
        @step
        def a(self):
            self.next(self.b, self.c)

        @step
        def b(self):
            self.next(self.inner)

        @step
        def c(self):
            self.next(self.inner)

        @step
        def inner(self, inputs):
            self.next(self.join)

        @step
        def join(self, inputs):
            self.next(self.end)

        @step
        def end(self):
            print()


    if __name__ == "__main__":
        Shown()
"""


def test_each_step_has_a_section(project: Project) -> None:
    project.write("flow.py", FLOW)
    text = project.run("output-raw", check=True).stdout
    sections = {part.split()[0].lstrip("["): part for part in text.split("\n[")}
    assert list(sections) == ["start", "a", "b", "c", "inner", "join", "end"]
    assert "matching_join=join" in sections["start"]
    assert "foreach_param=items" in sections["start"]
    assert "decorators=[@retry(times=2)]" in sections["a"]
    assert "split_parents=[start, a]" in sections["b"]
    assert "split_branches=[a, b]" in sections["b"]
    assert "split_branches=[a, c]" in sections["c"]
    assert "split_branches=[a]" in sections["inner"]
    assert "-> [end]" in sections["join"]
    assert "-> nothing" in sections["end"]


def test_json_says_the_same(project: Project) -> None:
    project.write("flow.py", FLOW)
    shown = json.loads(project.run("output-raw", "--json", check=True).stdout)
    assert shown["graph_structure"] == ["start", [["a", [["b"], ["c"]], "inner"]], "join", "end"]
    assert shown["graph"]["start"]["type"] == "split-foreach"
    assert shown["graph"]["start"]["doc"] == "Begin."
    assert shown["graph"]["a"]["decorators"][0]["name"] == "retry"
