# $ run
# $ --config-value config '{"retry":{"times":0},"variables":{"A":"x"},"part":"y","fail":false,"number":1}' run
import os

from flowkit import Config, FlowSpec, Parameter, config_expr, current, environment, retry, step


def shouted(text):
    return text.upper()


class ConfigInDecorators(FlowSpec):
    config = Config(
        "config",
        default_value={"retry": {"times": 1}, "variables": {"A": "1"}, "part": "b", "fail": True, "number": 5},
    )
    number = Parameter("number", default=config.number, type=int)
    twice = Parameter("twice", default=config_expr("config.number * 2"), type=int)

    @environment(vars=config.variables)
    @retry(times=config.retry.times, minutes_between_retries=0)
    @step
    def start(self):
        if self.config.fail and current.retry_count == 0:
            raise ValueError("the first time")
        self.attempt = current.retry_count
        self.variable = os.environ["A"]
        self.next(self.middle)

    @environment(vars={"B": config.part, "C": config_expr("shouted(config.part)"), "D": config["part"]})
    @retry(**config.retry)
    @step
    def middle(self):
        self.variables = [os.environ[name] for name in "BCD"]
        self.next(self.end)

    @step
    def end(self):
        self.given = (self.number, self.twice)


if __name__ == "__main__":
    ConfigInDecorators()
