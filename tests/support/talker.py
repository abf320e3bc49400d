"""Flows that several tests of the command line run."""

from __future__ import annotations

__all__ = ["TALKER"]

#: Writes to both streams, fans out, fails where it is told to.
TALKER = '''
import os, sys, time
from flowkit import FlowSpec, Parameter, current, step


class Talker(FlowSpec):
    """Talks."""

    n = Parameter("n", default=2, help="how many")
    word = Parameter("the-word", default="hello")
    strict = Parameter("strict", default=True)
    ratio = Parameter("ratio", default=0.5)
    options = Parameter("options", default={"a": 1})
    names = Parameter("names", default="a,b", separator=",")
    fail = Parameter("fail", default="")
    pause = Parameter("pause", default=0.0)

    @step
    def start(self):
        print(self.word)
        sys.stdout.write("no end")
        sys.stdout.flush()
        sys.stderr.write("warned\\n")
        self.items = list(range(self.n))
        self.next(self.each, foreach="items")

    @step
    def each(self):
        if self.pause:
            time.sleep(self.pause)
        print("item", self.input)
        if self.fail == "each" and self.input == 1 and not os.path.exists("mended"):
            raise ValueError("bad item")
        self.double = self.input * 2
        self._secret = "s"
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.double for i in inputs)
        self.big = "x" * 5000
        self.next(self.end)

    @step
    def end(self):
        print("tags", sorted(current.tags))


if __name__ == "__main__":
    Talker()
'''
