# $ run
# $ FAIL=1 run
import os

from flowkit import FlowSpec, catch, step, user_step_decorator


@user_step_decorator
def watching(step_name, flow, inputs):
    try:
        yield
    finally:
        flow.watched = step_name


@user_step_decorator
def translating(step_name, flow, inputs):
    try:
        yield
    except KeyError as error:
        raise ValueError(f"translated {error}") from error


class UserDecoratorsAndFailures(FlowSpec):
    @catch(var="failure", print_exception=False)
    @watching
    @translating
    @step
    def start(self):
        self.value = {}["key"]
        self.next(self.middle)

    @watching
    @translating
    @step
    def middle(self):
        self.seen = (self.failure.type, self.failure.exception, self.watched)
        if os.environ.get("FAIL"):
            raise KeyError("again")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    UserDecoratorsAndFailures()
