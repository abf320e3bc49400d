from flowkit import FlowSpec, step


class ForeachKinds(FlowSpec):
    @step
    def start(self):
        self.word = "abc"
        self.next(self.of_text, foreach="word")

    @step
    def of_text(self):
        self.got = self.input
        self.next(self.join_text)

    @step
    def join_text(self, inputs):
        self.merge_artifacts(inputs, exclude=["got"])
        self.from_text = [one.got for one in inputs]
        self.numbers = range(2, 5)
        self.next(self.split_range)

    @step
    def split_range(self):
        self.next(self.of_range, foreach="numbers")

    @step
    def of_range(self):
        self.got = self.input
        self.next(self.join_range)

    @step
    def join_range(self, inputs):
        self.from_range = [one.got for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachKinds()
