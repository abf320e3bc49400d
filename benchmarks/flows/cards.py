import os

from flowkit.cards import Markdown, Table

from flowkit import FlowSpec, card, current, step

TASKS = 8
HAS_CARDS = os.environ["BENCH_CARDS"] == "1"


def shown(function):
    return card(function) if HAS_CARDS else function


class CardsFlow(FlowSpec):
    """The same tasks with a card each, or without."""

    @step
    def start(self):
        self.items = list(range(TASKS))
        self.next(self.work, foreach="items")

    @shown
    @step
    def work(self):
        self.squared = self.input * self.input
        if HAS_CARDS:
            current.card.append(Markdown("# Results\n" + "words " * 50))
            current.card.append(Table([[number, number / 7, "row"] for number in range(50)], headers=["a", "b", "c"]))
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(each.squared for each in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CardsFlow()
