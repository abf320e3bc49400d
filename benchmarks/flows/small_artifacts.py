from flowkit import FlowSpec, step


class SmallArtifactsFlow(FlowSpec):
    """A thousand small artifacts in one step."""

    @step
    def start(self):
        for number in range(1000):
            setattr(self, f"value_{number}", {"number": number, "text": "x" * 20})
        self.next(self.end)

    @step
    def end(self):
        self.total = sum(getattr(self, f"value_{number}")["number"] for number in range(1000))


if __name__ == "__main__":
    SmallArtifactsFlow()
