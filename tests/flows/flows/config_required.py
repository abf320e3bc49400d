# $ run
# $ --config-value needed '{"a": 1}' run
from flowkit import Config, FlowSpec, step


class ConfigRequired(FlowSpec):
    needed = Config("needed", required=True)

    @step
    def start(self):
        self.value = self.needed.a
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ConfigRequired()
