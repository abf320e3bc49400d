from flowkit import FlowSpec, step


class MethodsAndProperties(FlowSpec):
    @property
    def doubled(self):
        return self.x * 2

    @staticmethod
    def fixed():
        return "fixed"

    @classmethod
    def title(cls):
        return cls.__name__

    def helper(self, value):
        self.helped = value
        return value + self.x

    @step
    def start(self):
        self.x = 3
        self.result = (self.doubled, self.fixed(), self.title(), self.helper(1))
        self.function = len
        self.next(self.end)

    @step
    def end(self):
        self.result_after = (self.doubled, self.helper(2))


if __name__ == "__main__":
    MethodsAndProperties()
