"""A flow of three steps."""

from flowkit import FlowSpec, step


class HelloFlow(FlowSpec):
    """Say hello, step by step."""

    @step
    def start(self):
        """Every flow begins here."""
        self.who = "world"
        self.next(self.greet)

    @step
    def greet(self):
        """What start set on self is here too."""
        self.greeting = f"Hello, {self.who}!"
        print(self.greeting)
        self.next(self.end)

    @step
    def end(self):
        """Every flow ends here."""
        print("done:", len(self.greeting), "characters")


if __name__ == "__main__":
    HelloFlow()
