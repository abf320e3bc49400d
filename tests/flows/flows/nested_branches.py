from flowkit import FlowSpec, step


class NestedBranches(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.x = "a"
        self.next(self.a1, self.a2)

    @step
    def a1(self):
        self.y = self.x + "1"
        self.next(self.join_a)

    @step
    def a2(self):
        self.y = self.x + "2"
        self.next(self.join_a)

    @step
    def join_a(self, inputs):
        self.z = sorted(one.y for one in inputs)
        self.next(self.join)

    @step
    def b(self):
        self.z = ["b"]
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all = sorted(sum((one.z for one in inputs), []))
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NestedBranches()
