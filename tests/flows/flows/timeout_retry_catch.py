import time

from flowkit import FlowSpec, catch, current, retry, step, timeout


class TimeoutRetryCatch(FlowSpec):
    @catch(var="late", print_exception=False)
    @retry(times=1, minutes_between_retries=0)
    @timeout(seconds=1)
    @step
    def start(self):
        self.attempt = current.retry_count
        time.sleep(30)
        self.next(self.end)

    @step
    def end(self):
        self.caught = self.late is not None


if __name__ == "__main__":
    TimeoutRetryCatch()
