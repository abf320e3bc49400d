from flowkit import FlowSpec, step


class SwitchInForeach(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2, 3]
        self.next(self.choose, foreach="items")

    @step
    def choose(self):
        self.parity = "odd" if self.input % 2 else "even"
        self.next({"odd": self.odd, "even": self.even}, condition="parity")

    @step
    def odd(self):
        self.got = ("odd", self.input)
        self.next(self.join)

    @step
    def even(self):
        self.got = ("even", self.input)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.got = [one.got for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SwitchInForeach()
