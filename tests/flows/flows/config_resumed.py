# $ FAIL=1 --config-value config '{"number": 7}' run
# $ resume
import os

from flowkit import Config, FlowSpec, Parameter, step


class ConfigResumed(FlowSpec):
    config = Config("config", default_value={"number": 1})
    twice = Parameter("twice", default=config.number)

    @step
    def start(self):
        self.seen = self.config.number
        self.next(self.middle)

    @step
    def middle(self):
        if os.environ.get("FAIL"):
            raise ValueError("asked to")
        self.seen_later = self.config.number
        self.next(self.end)

    @step
    def end(self):
        self.given = self.twice


if __name__ == "__main__":
    ConfigResumed()
