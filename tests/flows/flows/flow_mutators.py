# $ run
# $ run --added 5
# $ run --removed 5
import os

from flowkit import Config, FlowMutator, FlowSpec, Parameter, environment, step


class Shaped(FlowMutator):
    def init(self, prefix="x"):
        self.prefix = prefix

    def pre_mutate(self, mutable_flow):
        values = dict(mutable_flow.configs)
        mutable_flow.add_parameter("added", Parameter("added", default=values["config"].number))
        mutable_flow.remove_parameter("removed")
        self.names = [name for name, _ in mutable_flow.parameters]

    def mutate(self, mutable_flow):
        for name, mutable_step in mutable_flow.steps:
            mutable_step.add_decorator(environment, deco_kwargs={"vars": {"STEP": f"{self.prefix}{name}"}})


class Later(FlowMutator):
    def mutate(self, mutable_flow):
        mutable_flow.end.add_decorator(
            environment, deco_kwargs={"vars": {"STEP": "last"}}, duplicates=mutable_flow.OVERRIDE
        )


@Later
class Base(FlowSpec):
    config = Config("config", default_value={"number": 3})
    kept = Parameter("kept", default=1)

    @step
    def end(self):
        self.at_end = os.environ["STEP"]


@Shaped(prefix="in ")
class FlowMutators(Base):
    removed = Parameter("removed", default=2)

    @step
    def start(self):
        self.seen = (self.added, self.kept, os.environ["STEP"])
        self.is_there = hasattr(type(self), "removed")
        self.next(self.end)


if __name__ == "__main__":
    FlowMutators()
