# $ FAIL=1 run
# $ resume
import os

from flowkit import FlowSpec, catch, step


class ResumeCatch(FlowSpec):
    @catch(var="failure", print_exception=False)
    @step
    def start(self):
        raise ValueError("caught")
        self.next(self.end)

    @step
    def end(self):
        if os.environ.get("FAIL"):
            raise ValueError("asked to")
        self.type = self.failure.type


if __name__ == "__main__":
    ResumeCatch()
