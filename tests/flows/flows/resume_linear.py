# $ FAIL=1 run --number 4
# $ resume
# $ resume middle
import os

from flowkit import FlowSpec, Parameter, current, step


class ResumeLinear(FlowSpec):
    number = Parameter("number", default=1)

    @step
    def start(self):
        self.made_by = "first" if os.environ.get("FAIL") else "later"
        self.next(self.middle)

    @step
    def middle(self):
        if os.environ.get("FAIL"):
            raise ValueError("asked to")
        self.made_in_middle = self.number * 2
        self.has_origin = current.origin_run_id is not None
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ResumeLinear()
