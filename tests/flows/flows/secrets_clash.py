from flowkit import FlowSpec, secrets, step

SOURCE = {"type": "inline", "id": "token", "options": {"env_vars": {"TOKEN": "open-sesame"}}}


class SecretsClash(FlowSpec):
    @secrets(sources=[SOURCE, SOURCE])
    @step
    def start(self):
        self.x = 1
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SecretsClash()
