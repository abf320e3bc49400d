from flowkit import FlowSpec, step


class Merge(FlowSpec):
    constant = 5

    @step
    def start(self):
        self.same = [1, 2]
        self.changed = "old"
        self.next(self.a, self.b)

    @step
    def a(self):
        self.only_a = 1
        self.conflict = "a"
        self.equal = {"k": 1}
        self.next(self.join)

    @step
    def b(self):
        self.only_b = 2
        self.conflict = "b"
        self.equal = {"k": 1}
        self.next(self.join)

    @step
    def join(self, inputs):
        self.conflict = "mine"
        self.merge_artifacts(inputs)
        self.next(self.c, self.d)

    @step
    def c(self):
        self.x = 1
        self.next(self.join_excluding)

    @step
    def d(self):
        self.x = 2
        self.next(self.join_excluding)

    @step
    def join_excluding(self, inputs):
        self.merge_artifacts(inputs, exclude=["x", "only_a"])
        self.has_a = hasattr(self, "only_a")
        self.next(self.e, self.f)

    @step
    def e(self):
        self.next(self.join_including)

    @step
    def f(self):
        self.next(self.join_including)

    @step
    def join_including(self, inputs):
        self.merge_artifacts(inputs, include=["only_b", "same"])
        self.names = [name for name in ("only_b", "same", "equal", "changed") if hasattr(self, name)]
        self.next(self.end)

    @step
    def end(self):
        print(self.same, self.constant)


if __name__ == "__main__":
    Merge()
