# $ run
# $ run --size 3
from flowkit import FlowSpec, Parameter, step, trigger


@trigger(events=["first", {"name": "second", "parameters": {"size": "rows"}}])
class Triggers(FlowSpec):
    size = Parameter("size", default=1)

    @step
    def start(self):
        self.doubled = 2 * self.size
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Triggers()
