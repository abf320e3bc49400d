# $ run
from flowkit import FlowSpec, StepMutator, UserStepDecorator, step, user_step_decorator


@user_step_decorator
def counted(step_name, flow, inputs):
    yield
    flow.count = getattr(flow, "count", 0) + 1


class Counting(StepMutator):
    def mutate(self, mutable_step):
        mutable_step.add_decorator(counted)


class Both(UserStepDecorator, StepMutator):
    def init(self):
        self.inits = getattr(self, "inits", 0) + 1

    def mutate(self, mutable_step):
        mutable_step.add_decorator(counted)

    def pre_step(self, step_name, flow, inputs=None):
        flow.inits = self.inits


class Base(FlowSpec):
    @Counting
    @step
    def start(self):
        self.next(self.middle)

    @Both
    @step
    def middle(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class Other(Base):
    pass


class UserDecoratorsInherited(Base):
    @counted
    @step
    def end(self):
        pass


if __name__ == "__main__":
    UserDecoratorsInherited()
