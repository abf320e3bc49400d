import time

from flowkit import FlowSpec, current, retry, step, timeout


class TimeoutThenSuccess(FlowSpec):
    @retry(times=2)
    @timeout(seconds=1)
    @step
    def start(self):
        self.attempt = current.retry_count
        if current.retry_count == 0:
            time.sleep(30)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TimeoutThenSuccess()
