from flowkit import FlowSpec, step


class SwitchWithBranch(FlowSpec):
    @step
    def start(self):
        self.way = "wide"
        self.next({"wide": self.wide, "narrow": self.narrow}, condition="way")

    @step
    def wide(self):
        self.next(self.a, self.b)

    @step
    def a(self):
        self.x = 1
        self.next(self.join)

    @step
    def b(self):
        self.x = 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.x = sum(one.x for one in inputs)
        self.next(self.end)

    @step
    def narrow(self):
        self.x = 0
        self.next(self.end)

    @step
    def end(self):
        print(self.x)


if __name__ == "__main__":
    SwitchWithBranch()
