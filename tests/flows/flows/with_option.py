# $ run --with retry:times=1
# $ run --with catch:var=failure,print_exception=false --with retry:times=1,minutes_between_retries=0
# $ run --with nothing
from flowkit import FlowSpec, current, retry, step


class WithOption(FlowSpec):
    @step
    def start(self):
        if current.retry_count < 1:
            raise ValueError("once")
        self.next(self.own)

    @retry(times=0)
    @step
    def own(self):
        self.attempt = current.retry_count
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    WithOption()
