import os

from flowkit import FlowSpec, step


class SameDataFlow(FlowSpec):
    """The same random bytes in every run."""

    @step
    def start(self):
        import random

        self.data = random.Random(7).randbytes(int(os.environ["BENCH_BYTES"]))
        self.next(self.end)

    @step
    def end(self):
        self.length = len(self.data)


if __name__ == "__main__":
    SameDataFlow()
