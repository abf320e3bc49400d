import os

from flowkit import FlowSpec, catch, current, retry, step


class CatchDyingProcess(FlowSpec):
    @step
    def start(self):
        self.number = 1
        self.next(self.dying, self.killed)

    @catch(var="failure", print_exception=False)
    @step
    def dying(self):
        self.lost = 1
        os._exit(3)
        self.next(self.join)

    @catch(var="failure")
    @retry(times=1)
    @step
    def killed(self):
        self.attempt = current.retry_count
        os.kill(os.getpid(), 9)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.types = sorted(one.failure.type.split(".")[-1] for one in inputs)
        self.lost = [hasattr(one, "lost") for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CatchDyingProcess()
