# $ FAIL=1 run
# $ resume
import os

from flowkit import FlowSpec, step


class ResumeSwitch(FlowSpec):
    @step
    def start(self):
        self.way = "a"
        self.next({"a": self.a, "b": self.b}, condition="way")

    @step
    def a(self):
        self.x = 1
        self.next(self.middle)

    @step
    def b(self):
        self.x = 2
        self.next(self.middle)

    @step
    def middle(self):
        if os.environ.get("FAIL"):
            raise ValueError("asked to")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ResumeSwitch()
