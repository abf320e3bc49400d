# $ run --max-num-splits 2
# $ run --max-num-splits 3 --max-workers 1
from flowkit import FlowSpec, step


class ForeachTooMany(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2, 3]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachTooMany()
