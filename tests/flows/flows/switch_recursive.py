from flowkit import FlowSpec, step


class SwitchRecursive(FlowSpec):
    @step
    def start(self):
        self.count = 0
        self.next(self.loop)

    @step
    def loop(self):
        self.count += 1
        self.state = "again" if self.count < 3 else "done"
        self.next({"again": self.loop, "done": self.end}, condition="state")

    @step
    def end(self):
        print(self.count)


if __name__ == "__main__":
    SwitchRecursive()
