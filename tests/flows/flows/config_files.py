# $ run
# $ --config other given.json run
# $ --config other given.json --config-value other '{}' run
import json
from pathlib import Path

from flowkit import Config, FlowSpec, step

for name, value in (("default.json", {"from": "default"}), ("given.json", {"from": "given"})):
    if not Path(name).exists():
        Path(name).write_text(json.dumps(value))


class ConfigFiles(FlowSpec):
    usual = Config("usual", default="default.json")
    other = Config("other", default="default.json", help="another")
    found = Config("found", default=lambda context: "given.json")

    @step
    def start(self):
        self.places = [one["from"] for one in (self.usual, self.other, self.found)]
        # What changes now is no business of the tasks after this one.
        Path("default.json").write_text(json.dumps({"from": "changed"}))
        self.next(self.end)

    @step
    def end(self):
        self.again = self.usual["from"]


if __name__ == "__main__":
    ConfigFiles()
