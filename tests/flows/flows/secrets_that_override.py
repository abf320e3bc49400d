import os

from flowkit import FlowSpec, secrets, step

os.environ["TOKEN"] = "there before"


class SecretsThatOverride(FlowSpec):
    @secrets(
        sources=[{"type": "inline", "id": "token", "options": {"env_vars": {"TOKEN": "open-sesame"}}}],
        allow_override=True,
    )
    @step
    def start(self):
        self.length = len(os.environ["TOKEN"])
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SecretsThatOverride()
