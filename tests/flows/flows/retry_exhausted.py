from flowkit import FlowSpec, current, retry, step


class RetryExhausted(FlowSpec):
    @retry(times=1)
    @step
    def start(self):
        self.x = current.retry_count
        raise ValueError(f"attempt {current.retry_count}")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    RetryExhausted()
