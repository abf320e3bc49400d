from flowkit import FlowSpec, current, project, step


@project(name="weather")
class ProjectUserBranch(FlowSpec):
    @step
    def start(self):
        self.project = (
            current.project_name,
            current.branch_name.split(".")[0],
            current.project_flow_name.split(".")[-1],
        )
        self.flags = (current.is_user_branch, current.is_production)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ProjectUserBranch()
