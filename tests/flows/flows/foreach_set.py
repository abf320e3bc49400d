from flowkit import FlowSpec, step


class ForeachSet(FlowSpec):
    @step
    def start(self):
        self.things = {3, 1, 2}
        self.next(self.work, foreach="things")

    @step
    def work(self):
        self.got = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.got = sorted(one.got for one in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachSet()
