# $ run
# $ --config-value settings '{"depth": 9, "layers": [{"size": 2}], "name": {"first": "x"}}' run
# $ FLOWKIT_FLOW_CONFIG_VALUE='{"settings":{"depth":4,"layers":[],"name":{}}}' run
# $ --config-value settings '{"depth": ' run
# $ --config-value nothing '{}' run
# $ --config settings missing.json run
from flowkit import Config, ConfigValue, FlowSpec, current, step


class ConfigValues(FlowSpec):
    settings = Config("settings", default_value={"depth": 3, "layers": [{"size": 1}], "name": {"first": "a"}})
    text = Config("text", default_value='{"key": [1, 2]}')
    plain = Config("plain", default_value="as it is", plain=True)
    absent = Config("absent")

    @step
    def start(self):
        self.kinds = [type(self.settings).__name__, type(self.text).__name__, type(self.plain).__name__]
        self.depth = (self.settings.depth, self.settings["depth"], self.settings.get("none", 5))
        self.sizes = [layer.size for layer in self.settings.layers]
        self.keys = sorted(self.settings)
        self.unpacked = dict(**self.settings)["depth"]
        self.as_dict = self.settings.to_dict()
        self.is_dict = isinstance(self.settings, dict)
        self.is_absent = self.absent is None
        self.names = sorted(name for name in current.parameter_names)
        self.equal = self.text == {"key": [1, 2]} and ConfigValue({"a": 1}) == ConfigValue({"a": 1})
        self.refused = []
        for change in (self.assign, self.set_item, self.update, self.pop):
            try:
                change()
            except (TypeError, AttributeError) as error:
                self.refused.append(type(error).__name__)
        self.next(self.left, self.right)

    def assign(self):
        self.settings = {}

    def set_item(self):
        self.settings["depth"] = 1

    def update(self):
        self.settings.update(depth=1)

    def pop(self):
        self.settings.pop("depth")

    @step
    def left(self):
        self.next(self.join)

    @step
    def right(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.in_a_join = self.settings.depth
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ConfigValues()
