import os

from flowkit import FlowSpec, environment, resources, step


class Environment(FlowSpec):
    @environment(vars={"COLOR": "blue", "NUMBER": "3"})
    @step
    def start(self):
        self.color = os.environ["COLOR"] + os.environ["NUMBER"]
        self.next(self.end)

    @resources(cpu=1, memory=100)
    @step
    def end(self):
        self.other = os.environ.get("COLOR")


if __name__ == "__main__":
    Environment()
