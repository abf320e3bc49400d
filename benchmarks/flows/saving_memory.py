import atexit
import json
import os
import sys

from flowkit import FlowSpec, step


def peak():
    """The most memory that this process has had since it was reset, in bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def reset_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def write_peak(size, objects):
    with open("peak.json", "w") as file:
        json.dump({"peak": peak(), "size": size, "objects": objects}, file)


class SavingMemoryFlow(FlowSpec):
    """What saving one large artifact takes: an array, or plain objects."""

    @step
    def start(self):
        size = int(float(os.environ["BENCH_GIB"]) * 2**30)
        if os.environ["BENCH_KIND"] == "array":
            import numpy

            self.value = numpy.random.default_rng(7).random(size // 8)
            size, objects = self.value.nbytes, 1
        else:
            # A dict, its number and its text: 2,265 bytes.
            self.value = [{"number": 1000 + row, "text": os.urandom(1000).hex()} for row in range(size // 2265)]
            size = sys.getsizeof(self.value) + sum(
                sys.getsizeof(row) + sys.getsizeof(row["number"]) + sys.getsizeof(row["text"]) for row in self.value
            )
            objects = 1 + 3 * len(self.value)
        # When the process ends, after all was saved.
        atexit.register(write_peak, size, objects)
        reset_peak()
        self.next(self.end)

    @step
    def end(self):
        self.done = True


if __name__ == "__main__":
    SavingMemoryFlow()
