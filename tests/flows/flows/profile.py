from flowkit import FlowSpec, profile, step


class Profile(FlowSpec):
    @step
    def start(self):
        stats = {}
        for _ in range(2):
            with profile("work", stats):
                sum(range(1000))
        self.labels = list(stats)
        self.type = type(stats["work"]).__name__
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Profile()
