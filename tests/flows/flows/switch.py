# $ run --choice a
# $ run --choice b
# $ run --choice c
from flowkit import FlowSpec, Parameter, step


class Switch(FlowSpec):
    choice = Parameter("choice", default="a")

    @step
    def start(self):
        self.kind = self.choice
        self.next({"a": self.first, "b": self.second}, condition="kind")

    @step
    def first(self):
        self.x = 1
        self.next(self.end)

    @step
    def second(self):
        self.x = 2
        self.next(self.end)

    @step
    def end(self):
        print(self.x)


if __name__ == "__main__":
    Switch()
