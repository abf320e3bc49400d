# $ run
# $ --config-value config '{"small": "s", "large": "l", "chosen": "l"}' run
from flowkit import Config, FlowSpec, step


class ConfigSwitch(FlowSpec):
    config = Config("config", default_value={"small": "s", "large": "l", "chosen": "s"})

    @step
    def start(self):
        self.case = self.config.chosen
        self.next({self.config.small: self.little, self.config.large: self.much}, condition="case")

    @step
    def little(self):
        self.way = "little"
        self.next(self.end)

    @step
    def much(self):
        self.way = "much"
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ConfigSwitch()
