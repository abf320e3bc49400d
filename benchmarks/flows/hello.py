from flowkit import FlowSpec, step


class HelloFlow(FlowSpec):
    """Three steps that pass one value on."""

    @step
    def start(self):
        self.message = "hello"
        self.next(self.middle)

    @step
    def middle(self):
        self.message += " again"
        self.next(self.end)

    @step
    def end(self):
        self.done = True


if __name__ == "__main__":
    HelloFlow()
