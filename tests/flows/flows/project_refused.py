from flowkit import FlowSpec, project, step


@project(name="The Weather")
class ProjectRefused(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ProjectRefused()
