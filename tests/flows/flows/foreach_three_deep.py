from flowkit import FlowSpec, step


class ForeachThreeDeep(FlowSpec):
    @step
    def start(self):
        self.a = [1, 2]
        self.next(self.one, foreach="a")

    @step
    def one(self):
        self.b = [3]
        self.next(self.two, foreach="b")

    @step
    def two(self):
        self.c = [5, 6]
        self.next(self.three, foreach="c")

    @step
    def three(self):
        self.values = [value for _, _, value in self.foreach_stack()]
        self.next(self.join3)

    @step
    def join3(self, inputs):
        self.values = [one.values for one in inputs]
        self.next(self.join2)

    @step
    def join2(self, inputs):
        self.values = [one.values for one in inputs]
        self.next(self.join1)

    @step
    def join1(self, inputs):
        self.values = [one.values for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.values)


if __name__ == "__main__":
    ForeachThreeDeep()
