# $ --branch No.Good run
from flowkit import FlowSpec, project, step


@project(name="weather")
class ProjectBranchRefused(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ProjectBranchRefused()
