from flowkit import FlowSpec, step


class ForeachList(FlowSpec):
    @step
    def start(self):
        self.items = ["x", "y", "z"]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.got = self.input
        self.at = self.index
        self.stack = self.foreach_stack()
        self.still_there = self.items
        self.next(self.join)

    @step
    def join(self, inputs):
        self.results = [(one.got, one.at) for one in inputs]
        self.first = inputs[0].got
        self.own_index = self.index
        self.own_input = self.input
        self.own_stack = self.foreach_stack()
        self.next(self.end)

    @step
    def end(self):
        print(self.results)


if __name__ == "__main__":
    ForeachList()
