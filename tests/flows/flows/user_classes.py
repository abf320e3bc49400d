# $ run
from flowkit import FlowSpec, UserStepDecorator, current, retry, step


class Timed(UserStepDecorator):
    def init(self, **kwargs):
        self.kwargs = kwargs

    def pre_step(self, step_name, flow, inputs=None):
        flow.before = (step_name, inputs is None, self.kwargs)

    def post_step(self, step_name, flow, exception=None):
        flow.after = (step_name, None if exception is None else str(exception))
        return exception, None


class Forgiving(UserStepDecorator):
    def post_step(self, step_name, flow, exception=None):
        flow.forgiven = str(exception)
        return None, {}


class Instead(UserStepDecorator):
    def pre_step(self, step_name, flow, inputs=None):
        return self.work

    def work(self, flow):
        flow.done_by = "the decorator"
        flow.next(flow.last)


class Skipped(UserStepDecorator):
    def pre_step(self, step_name, flow, inputs=None):
        self.skip_step = True

    def post_step(self, step_name, flow, exception=None):
        return None, {}


class UserClasses(FlowSpec):
    @Timed(a="a", b=2)
    @step
    def start(self):
        self.next(self.fails)

    @Forgiving
    @step
    def fails(self):
        raise KeyError("bad")
        self.next(self.replaced)

    @Instead()
    @step
    def replaced(self):
        self.was_run = True
        self.next(self.last)

    @Skipped
    @step
    def last(self):
        self.was_run = True
        self.next(self.tried)

    @retry(times=2, minutes_between_retries=0)
    @Timed()
    @step
    def tried(self):
        if current.retry_count < 2:
            raise ValueError(f"attempt {current.retry_count}")
        self.attempts = current.retry_count
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    UserClasses()
