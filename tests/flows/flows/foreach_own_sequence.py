from flowkit import FlowSpec, step


class Countdown:
    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __iter__(self):
        return iter(range(self.size, 0, -1))

    def __getitem__(self, index):
        return list(self)[index]


class ForeachOwnSequence(FlowSpec):
    @step
    def start(self):
        self.items = Countdown(3)
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.got = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.got = [one.got for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachOwnSequence()
