"""A flow as most are written, without annotations. Type checkers must find nothing wrong with it."""

# ruff: noqa: ANN001, ANN201
from flowkit import Config, FlowSpec, Parameter, current, retry, step


class PlainFlow(FlowSpec):
    alpha = Parameter("alpha", type=float)
    name_of = Parameter("name")
    config = Config("config")

    @step
    def start(self):
        self.value = self.alpha * 2 + len(self.name_of.upper())
        self.depth = self.config.depth
        self.items = list(range(3))
        self.next(self.work, foreach="items")

    @retry(times=3)
    @step
    def work(self):
        self.position = self.index + 1
        self.doubled = self.input * 2
        self.where = current.run_id + "/" + current.step_name
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(one.doubled for one in inputs)
        self.merge_artifacts(inputs, include=["value"])
        self.next(self.end)

    @step
    def end(self):
        print(self.value, self.total, self.set_by_nobody)


if __name__ == "__main__":
    PlainFlow()
