from flowkit import FlowSpec, step


class ForeachNested(FlowSpec):
    @step
    def start(self):
        self.outer = [10, 20]
        self.next(self.one, foreach="outer")

    @step
    def one(self):
        self.base = self.input
        self.inner = ["a", "b", "c"][: self.input // 10 + 1]
        self.next(self.two, foreach="inner")

    @step
    def two(self):
        self.got = (self.base, self.input, self.index)
        self.stack = self.foreach_stack()
        self.next(self.join_two)

    @step
    def join_two(self, inputs):
        self.got = [one.got for one in inputs]
        self.at = (self.index, self.input)
        self.stack = self.foreach_stack()
        self.next(self.join_one)

    @step
    def join_one(self, inputs):
        self.got = [one.got for one in inputs]
        self.places = [one.at for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachNested()
