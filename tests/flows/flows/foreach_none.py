from flowkit import FlowSpec, step


class ForeachNone(FlowSpec):
    @step
    def start(self):
        self.next(self.work, foreach="missing")

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
    ForeachNone()
