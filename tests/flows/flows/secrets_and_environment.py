import os

from flowkit import FlowSpec, secrets, step

os.environ["TOKEN"] = "there before"


class SecretsAndEnvironment(FlowSpec):
    @secrets(sources=[{"type": "inline", "id": "token", "options": {"env_vars": {"TOKEN": "open-sesame"}}}])
    @step
    def start(self):
        self.length = len(os.environ["TOKEN"])
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SecretsAndEnvironment()
