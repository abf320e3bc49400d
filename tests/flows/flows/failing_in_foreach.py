# $ run --max-workers 1
from flowkit import FlowSpec, step


class FailingInForeach(FlowSpec):
    @step
    def start(self):
        self.items = [1, 0]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.result = 1 / self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    FailingInForeach()
