from flowkit import FlowSpec, step


class ForeachInBranch(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2]
        self.next(self.many, self.single)

    @step
    def many(self):
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.got = self.input
        self.next(self.join_work)

    @step
    def join_work(self, inputs):
        self.total = sum(one.got for one in inputs)
        self.next(self.join)

    @step
    def single(self):
        self.total = 100
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(one.total for one in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.total)


if __name__ == "__main__":
    ForeachInBranch()
