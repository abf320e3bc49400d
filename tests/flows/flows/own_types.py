import enum
from collections import namedtuple
from dataclasses import dataclass, field

from flowkit import FlowSpec, step


class Color(enum.Enum):
    RED = 1


@dataclass
class Point:
    x: int
    y: int = 0
    tags: list = field(default_factory=list)


Pair = namedtuple("Pair", "a b")


class OwnTypes(FlowSpec):
    @step
    def start(self):
        self.point = Point(1, tags=["t"])
        self.color = Color.RED
        self.pair = Pair(1, 2)
        self.kind = Point
        self.next(self.end)

    @step
    def end(self):
        self.point.y = 5
        self.same = (isinstance(self.point, Point), self.color is Color.RED, self.kind is Point)


if __name__ == "__main__":
    OwnTypes()
