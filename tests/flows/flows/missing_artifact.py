from flowkit import FlowSpec, step


class MissingArtifact(FlowSpec):
    @step
    def start(self):
        self.default = getattr(self, "nothing", "default")
        self.next(self.end)

    @step
    def end(self):
        print(self.nothing)


if __name__ == "__main__":
    MissingArtifact()
