from flowkit import FlowSpec, step


class Problem(Exception):
    pass


class FailingStep(FlowSpec):
    @step
    def start(self):
        self.x = 1
        self.next(self.bad)

    @step
    def bad(self):
        self.y = 2
        print("before")
        raise Problem("own error")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    FailingStep()
