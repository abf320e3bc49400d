import os

from flowkit import FlowSpec, secrets, step


class SecretsInline(FlowSpec):
    @secrets(sources=[{"type": "inline", "id": "token", "options": {"env_vars": {"TOKEN": "open-sesame"}}}])
    @step
    def start(self):
        self.length = len(os.environ["TOKEN"])
        self.next(self.end)

    @step
    def end(self):
        self.has_token = "TOKEN" in os.environ


if __name__ == "__main__":
    SecretsInline()
