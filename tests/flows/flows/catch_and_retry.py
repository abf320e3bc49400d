from flowkit import FlowSpec, catch, current, retry, step


class CatchAndRetry(FlowSpec):
    @catch(var="failure")
    @retry(times=2)
    @step
    def start(self):
        self.attempt = current.retry_count
        raise RuntimeError(f"attempt {current.retry_count}")
        self.next(self.second)

    @retry(times=2)
    @catch(var="failure")
    @step
    def second(self):
        self.attempt = current.retry_count
        if current.retry_count == 0:
            raise RuntimeError("first")
        self.next(self.end)

    @step
    def end(self):
        self.none = self.failure is None


if __name__ == "__main__":
    CatchAndRetry()
