from flowkit import FlowSpec, Parameter, current, retry, step


class Mixin:
    label = "mixin"

    def describe(self):
        return f"{self.label} {self.amount}"


class Base(FlowSpec):
    amount = Parameter("amount", default=2, help="from the base")
    level = 1

    @step
    def start(self):
        self.seen = ["base start"]
        self.next(self.middle)

    @retry(times=1)
    @step
    def middle(self):
        self.seen.append("base middle")
        if current.retry_count == 0:
            raise ValueError("once")
        self.next(self.end)

    @step
    def end(self):
        self.seen.append("base end")


class Inheriting(Mixin, Base):
    level = 2

    @step
    def end(self):
        self.seen.append("own end")
        self.text = self.describe()


if __name__ == "__main__":
    Inheriting()
