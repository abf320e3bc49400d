# $ run
# $ resume left

from flowkit import FlowSpec, step


class ResumeBranch(FlowSpec):
    @step
    def start(self):
        self.next(self.left, self.right)

    @step
    def left(self):
        self.x = "left"
        self.next(self.join)

    @step
    def right(self):
        self.x = "right"
        self.next(self.join)

    @step
    def join(self, inputs):
        self.x = sorted(one.x for one in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ResumeBranch()
