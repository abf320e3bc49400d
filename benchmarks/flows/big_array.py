import os
import time

from flowkit import FlowSpec, step


class BigArrayFlow(FlowSpec):
    """One large array, saved by a step and loaded by the next, which looks at all of it."""

    @step
    def start(self):
        import numpy

        count = int(float(os.environ["BENCH_GIB"]) * 2**27)
        if os.environ["BENCH_KIND"] == "random":
            self.array = numpy.random.default_rng(7).random(count)
        else:
            self.array = numpy.arange(count, dtype=numpy.int64) // 1000
        # What is left of this task is the saving.
        self.saving_from = time.time()
        self.next(self.load)

    @step
    def load(self):
        self.loading_from = time.time()
        array = self.array
        self.loaded_at = time.time()
        self.checksum = float(array[:: max(1, len(array) // 1000)].sum())
        del array
        self.next(self.end)

    @step
    def end(self):
        self.seconds = {"load": self.loaded_at - self.loading_from}


if __name__ == "__main__":
    BigArrayFlow()
