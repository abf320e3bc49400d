# $ FAIL=1 run
# $ resume
import os

from flowkit import FlowSpec, step


class ResumeRecursion(FlowSpec):
    @step
    def start(self):
        self.count = 0
        self.next(self.loop)

    @step
    def loop(self):
        if os.environ.get("FAIL") and self.count == 2:
            raise ValueError("asked to")
        self.count += 1
        self.state = "again" if self.count < 4 else "done"
        self.next({"again": self.loop, "done": self.end}, condition="state")

    @step
    def end(self):
        print(self.count)


if __name__ == "__main__":
    ResumeRecursion()
