from flowkit import FlowSpec, step


class ForeachDict(FlowSpec):
    @step
    def start(self):
        self.items = {"k": 1, "l": 2}
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.got = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.got = [one.got for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachDict()
