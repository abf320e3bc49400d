# $ run --number 1
# $ run --number 2
from flowkit import FlowSpec, Parameter, step


class SwitchValues(FlowSpec):
    number = Parameter("number", default=1)

    @step
    def start(self):
        self.next({1: self.one, 2: self.two}, condition="number")

    @step
    def one(self):
        self.flag = True
        self.next(self.second)

    @step
    def two(self):
        self.flag = False
        self.next(self.second)

    @step
    def second(self):
        self.next({True: self.yes, False: self.no}, condition="flag")

    @step
    def yes(self):
        self.answer = "yes"
        self.next(self.end)

    @step
    def no(self):
        self.answer = "no"
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SwitchValues()
