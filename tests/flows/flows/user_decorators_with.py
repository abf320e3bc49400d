# $ run --with noted
# $ run --with flow.noted
# $ run --with noted:mark=3 --with Sturdy
# $ run --with no_such.decorator
from flowkit import FlowSpec, StepMutator, current, step, user_step_decorator


@user_step_decorator
def noted(step_name, flow, inputs, attributes):
    yield
    flow.noted = (step_name, attributes)


class Sturdy(StepMutator):
    def mutate(self, mutable_step):
        mutable_step.add_decorator("retry:times=1,minutes_between_retries=0")


class UserDecoratorsWith(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @noted(mark="own")
    @step
    def end(self):
        self.tries = current.retry_count


if __name__ == "__main__":
    UserDecoratorsWith()
