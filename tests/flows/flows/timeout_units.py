from flowkit import FlowSpec, step, timeout


class TimeoutUnits(FlowSpec):
    @timeout(hours=1, minutes=2, seconds=3)
    @step
    def start(self):
        self.x = 1
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TimeoutUnits()
