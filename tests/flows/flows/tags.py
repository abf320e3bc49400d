# $ run --tag a --tag b
# $ run
from flowkit import FlowSpec, current, step


class Tags(FlowSpec):
    @step
    def start(self):
        self.tags = sorted(current.tags)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Tags()
