from flowkit import FlowSpec, step


class DeletedAttributes(FlowSpec):
    @step
    def start(self):
        self.gone = 1
        self.kept = 2
        self.brief = 3
        del self.brief
        self.next(self.middle)

    @step
    def middle(self):
        self.gone
        del self.gone
        self.there = hasattr(self, "gone")
        self.next(self.end)

    @step
    def end(self):
        self.there_after = hasattr(self, "gone")
        self.brief_after = hasattr(self, "brief")


if __name__ == "__main__":
    DeletedAttributes()
