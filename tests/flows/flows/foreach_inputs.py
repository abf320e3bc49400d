from flowkit import FlowSpec, step


class ForeachInputs(FlowSpec):
    @step
    def start(self):
        self.letters = ["x", "y"]
        self.next(self.work, foreach="letters")

    @step
    def work(self):
        self.next(self.more)

    @step
    def more(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.of_inputs = [(one.index, one.input) for one in inputs]
        self.stacks = [one.foreach_stack() for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachInputs()
