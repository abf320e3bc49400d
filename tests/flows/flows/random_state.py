import random

import numpy as np

from flowkit import FlowSpec, step

random.seed(7)
np.random.seed(7)


class RandomState(FlowSpec):
    @step
    def start(self):
        self.items = [0, 1]
        self.numbers = (random.random(), float(np.random.rand()))
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.numbers = (random.random(), float(np.random.rand()))
        self.next(self.join)

    @step
    def join(self, inputs):
        self.numbers = [one.numbers for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    RandomState()
