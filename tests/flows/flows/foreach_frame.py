import numpy as np
import pandas as pd

from flowkit import FlowSpec, step


class FrameFlow(FlowSpec):
    @step
    def start(self):
        self.frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
        self.array = np.arange(3.0)
        self.rows = [0.0, 1.0]
        self.next(self.work, foreach="rows")

    @step
    def work(self):
        self.got = self.input * 2 + float(self.array[1])
        self.total = int(self.frame.a.sum())
        self.next(self.join)

    @step
    def join(self, inputs):
        self.got = np.array([one.got for one in inputs])
        self.merge_artifacts(inputs, include=["frame", "total"])
        self.next(self.end)

    @step
    def end(self):
        self.frame["c"] = self.got


if __name__ == "__main__":
    FrameFlow()
