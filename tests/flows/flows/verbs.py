# $ show
# $ check
# $ version
# $ output-dot
# $ output-raw
# $ nonsense
# $ run --nonsense
from flowkit import FlowSpec, step


class Verbs(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Verbs()
