# $ WAY=none run
# $ WAY=twice run
# $ WAY=text run
# $ WAY=other run
# $ WAY=not_a_step run
import os

from flowkit import FlowSpec, step


class NextMisused(FlowSpec):
    def helper(self):
        pass

    @step
    def start(self):
        self.way = os.environ["WAY"]
        go = self.next
        if self.way == "none":
            return
        if self.way == "twice":
            go(self.middle)
        if self.way == "text":
            go("middle")
        if self.way == "other":
            go(self.end)
        if self.way == "not_a_step":
            go(self.helper)
        self.next(self.middle)

    @step
    def middle(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    NextMisused()
