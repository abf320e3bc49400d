from flowkit import FlowSpec, step


class Branch(FlowSpec):
    @step
    def start(self):
        self.base = 10
        self.next(self.left, self.right)

    @step
    def left(self):
        self.value = self.base + 1
        self.only_left = "l"
        self.next(self.join)

    @step
    def right(self):
        self.value = self.base + 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.values = [inputs.left.value, inputs.right.value]
        self.order = sorted(one.value for one in inputs)
        self.first = inputs[0].value in self.order
        self.count = len(list(inputs))
        self.inherited = hasattr(self, "base")
        self.next(self.end)

    @step
    def end(self):
        print(self.values)


if __name__ == "__main__":
    Branch()
