from flowkit import FlowSpec, step


class ForeachBranchInside(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.x = self.input
        self.next(self.left, self.right)

    @step
    def left(self):
        self.y = self.x * 10
        self.next(self.join_branches)

    @step
    def right(self):
        self.y = self.input * 100
        self.next(self.join_branches)

    @step
    def join_branches(self, inputs):
        self.y = inputs.left.y + inputs.right.y
        self.at = self.index
        self.got = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.y = [(one.at, one.got, one.y) for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachBranchInside()
