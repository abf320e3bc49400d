# $ run
# $ --config-value lines 'a=5 b=6' run
from flowkit import Config, FlowSpec, step


def pairs(text):
    return dict(part.split("=") for part in text.split())


def listed(text):
    return text.split(",")


class ConfigParsers(FlowSpec):
    lines = Config("lines", default_value="a=1 b=2", parser=pairs)
    listed = Config("listed", default_value="x,y", parser=listed, plain=True)
    dotted = Config("dotted", default_value="[1, {}]", parser="json.loads", plain=True)
    computed = Config("computed", default_value=lambda context: {"of": context.flow_name, "is": context.parameter_name})

    @step
    def start(self):
        self.seen = (self.lines.a, self.lines["b"], self.listed, self.dotted, self.computed.of, self.computed["is"])
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ConfigParsers()
