from flowkit import FlowSpec, step


class Linear(FlowSpec):
    @step
    def start(self):
        self.number = 1
        self.text = "grüße"
        self.nothing = None
        self.flag = True
        self.ratio = 0.5
        self.raw = b"\x00\xff"
        print("started")
        self.next(self.middle)

    @step
    def middle(self):
        self.number += 1
        self.next(self.end)

    @step
    def end(self):
        print(self.number, self.text)


if __name__ == "__main__":
    Linear()
