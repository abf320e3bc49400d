from flowkit import FlowSpec, Parameter, step


class Constants(FlowSpec):
    rate = 0.25
    names = ["a", "b"]
    number = Parameter("number", default=3)

    @step
    def start(self):
        self.errors = []
        for name in ("rate", "number"):
            try:
                setattr(self, name, 1)
            except AttributeError:
                self.errors.append(name)
        self.next(self.left, self.right)

    @step
    def left(self):
        self.next(self.join)

    @step
    def right(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.there = [hasattr(self, name) for name in ("rate", "names", "number", "errors")]
        self.product = self.rate * self.number
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Constants()
