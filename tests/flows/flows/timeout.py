import time

from flowkit import FlowSpec, catch, retry, step, timeout


class Timeout(FlowSpec):
    @catch(var="failure", print_exception=False)
    @timeout(seconds=1)
    @step
    def start(self):
        self.before = 1
        time.sleep(60)
        self.next(self.middle)

    @timeout(seconds=30, minutes=1, hours=1)
    @step
    def middle(self):
        self.timed_out = self.failure is not None
        self.next(self.last)

    @retry(times=1)
    @timeout(seconds=1)
    @step
    def last(self):
        time.sleep(60)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Timeout()
