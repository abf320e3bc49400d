import atexit
import json
import os
import time

from flowkit import FlowSpec, step


def tell(name):
    """When this process ends: the time, and the most memory that it had since now, in MB."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")

    def write():
        with open("/proc/self/status") as file:
            peak = int(next(line for line in file if line.startswith("VmHWM")).split()[1]) / 1000
        with open(os.path.join(os.environ["BENCH_FOLDER"], name), "w") as file:
            json.dump({"ended_at": time.time(), "peak": peak}, file)

    atexit.register(write)


class RemoteArrayFlow(FlowSpec):
    """One large array, saved by a step and loaded by the next."""

    @step
    def start(self):
        import numpy

        self.array = numpy.random.default_rng(7).random(int(os.environ["BENCH_MB"]) * 125_000)
        tell("saving")
        self.saving_from = time.time()
        self.next(self.load)

    @step
    def load(self):
        tell("loading")
        began = time.time()
        array = self.array
        self.loading = time.time() - began
        self.checksum = float(array[:: max(1, len(array) // 1000)].sum())
        del array
        self.next(self.end)

    @step
    def end(self):
        self.figures = {"saving_from": self.saving_from, "loading": self.loading, "checksum": self.checksum}


if __name__ == "__main__":
    RemoteArrayFlow()
