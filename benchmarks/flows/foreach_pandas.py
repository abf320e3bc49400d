import os

from flowkit import FlowSpec, step


class ForeachPandasFlow(FlowSpec):
    """Many small tasks, each of which imports pandas in its body."""

    @step
    def start(self):
        self.items = list(range(int(os.environ["BENCH_TASKS"])))
        self.next(self.work, foreach="items")

    @step
    def work(self):
        import pandas

        self.squared = int((pandas.Series([self.input]) ** 2).sum())
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(each.squared for each in inputs)
        self.next(self.end)

    @step
    def end(self):
        self.done = True


if __name__ == "__main__":
    ForeachPandasFlow()
