# $ run
import os

from flowkit import Config, FlowSpec, StepMutator, UserStepDecorator, current, environment, retry, step


class Marked(UserStepDecorator):
    def init(self, mark):
        self.mark = mark

    def pre_step(self, step_name, flow, inputs=None):
        flow.marks = [*getattr(flow, "marks", []), f"{step_name}: {self.mark}"]


class Varied(StepMutator):
    def init(self, name, value="none"):
        self.variables = {name: value}

    def pre_mutate(self, mutable_step):
        mutable_step.add_decorator(Marked, deco_kwargs={"mark": "early"})

    def mutate(self, mutable_step):
        mutable_step.add_decorator(environment, deco_kwargs={"vars": self.variables})
        mutable_step.add_decorator("retry", deco_kwargs={"times": 1, "minutes_between_retries": 0})
        mutable_step.add_decorator("retry", deco_kwargs={"times": 7})
        if mutable_step.has_decorator("Marked"):
            mutable_step.remove_decorator("Marked")
            mutable_step.add_decorator(Marked, deco_kwargs={"mark": "late"})


class Replaced(StepMutator):
    def mutate(self, mutable_step):
        kwargs = {"times": 2, "minutes_between_retries": 0}
        mutable_step.add_decorator(retry, deco_kwargs=kwargs, duplicates=mutable_step.OVERRIDE)


class StepMutators(FlowSpec):
    config = Config("config", default_value={"value": "configured"})

    @Varied("A", value=config.value)
    @step
    def start(self):
        if current.retry_count == 0:
            raise ValueError("the first time")
        self.seen = (os.environ["A"], current.retry_count)
        self.next(self.middle)

    @Replaced
    @retry(times=0)
    @step
    def middle(self):
        if current.retry_count < 2:
            raise ValueError("again")
        self.tries = current.retry_count
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    StepMutators()
