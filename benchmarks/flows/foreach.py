import os

from flowkit import FlowSpec, step


class ForeachFlow(FlowSpec):
    """Many small tasks and a join."""

    @step
    def start(self):
        self.items = list(range(int(os.environ["BENCH_TASKS"])))
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.squared = self.input * self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(each.squared for each in inputs)
        self.next(self.end)

    @step
    def end(self):
        self.done = True


if __name__ == "__main__":
    ForeachFlow()
