# $ run
from flowkit import USER_SKIP_STEP, FlowSpec, step, user_step_decorator


@user_step_decorator
def noted(step_name, flow, inputs, attributes):
    flow.notes = [*getattr(flow, "notes", []), ("before", step_name, inputs is None, attributes)]
    yield
    flow.notes = [*flow.notes, ("after", step_name, attributes)]


@user_step_decorator
def swallowing(step_name, flow, inputs):
    try:
        yield
    except ValueError as error:
        flow.swallowed = f"{step_name}: {error}"


@user_step_decorator
def skipping(step_name, flow, inputs):
    flow.skipped = step_name
    yield USER_SKIP_STEP


@user_step_decorator
def replacing(step_name, flow, inputs):
    def instead(self):
        self.replaced = step_name
        return True

    yield instead


@user_step_decorator
def fewer(step_name, flow, inputs):
    flow.few = ["only"]
    yield {"foreach": "few"}


class UserGenerators(FlowSpec):
    @noted(number=1)
    @noted(number=2)
    @step
    def start(self):
        self.notes.append("inside")
        self.next(self.fails)

    @swallowing
    @step
    def fails(self):
        self.items = [1, 2]
        raise ValueError("bad")
        self.next(self.skipped_step)

    @skipping
    @step
    def skipped_step(self):
        self.was_run = True
        self.next(self.replaced_step)

    @replacing
    @step
    def replaced_step(self):
        self.was_run = True
        self.next(self.split)

    @fewer
    @step
    def split(self):
        self.was_run = True
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.item = self.input
        self.next(self.join)

    @noted
    @step
    def join(self, inputs):
        self.merge_artifacts(inputs, exclude=["item", "notes"])
        self.worked = [one.item for one in inputs]
        self.next(self.end)

    @swallowing
    @noted
    @step
    def end(self):
        raise ValueError("at the end")


if __name__ == "__main__":
    UserGenerators()
