# $ FAIL=1 run --max-workers 1
# $ resume
import os

from flowkit import FlowSpec, step


class ResumeForeach(FlowSpec):
    @step
    def start(self):
        self.items = ["a", "b", "c"]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        if os.environ.get("FAIL") and self.input == "c":
            raise ValueError("asked to")
        self.got = (self.index, self.input)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.got = [one.got for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ResumeForeach()
