from flowkit import FlowSpec, step


class SwitchInBranch(FlowSpec):
    @step
    def start(self):
        self.next(self.left, self.right)

    @step
    def left(self):
        self.way = "up"
        self.next({"up": self.up, "down": self.down}, condition="way")

    @step
    def up(self):
        self.x = "up"
        self.next(self.join)

    @step
    def down(self):
        self.x = "down"
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
        print(sorted(self.x))


if __name__ == "__main__":
    SwitchInBranch()
