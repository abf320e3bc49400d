from flowkit import FlowSpec, current, retry, step


class Retry(FlowSpec):
    @retry(times=2, minutes_between_retries=0)
    @step
    def start(self):
        self.attempt = current.retry_count
        print("attempt", current.retry_count)
        if current.retry_count < 2:
            self.from_failed = True
            raise ValueError("again")
        self.next(self.end)

    @step
    def end(self):
        self.visible = hasattr(self, "from_failed")


if __name__ == "__main__":
    Retry()
