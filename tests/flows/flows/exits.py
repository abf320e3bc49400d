# $ WAY=before run
# $ WAY=code run
# $ WAY=text run
# $ WAY=after run
# $ WAY=at_end run
import os
import sys

from flowkit import FlowSpec, step


class Exits(FlowSpec):
    @step
    def start(self):
        self.way = os.environ["WAY"]
        if self.way == "before":
            sys.exit(0)
        if self.way == "code":
            sys.exit(3)
        if self.way == "text":
            sys.exit("text")
        self.next(self.end)
        if self.way == "after":
            sys.exit(0)

    @step
    def end(self):
        if self.way == "at_end":
            sys.exit(2)


if __name__ == "__main__":
    Exits()
