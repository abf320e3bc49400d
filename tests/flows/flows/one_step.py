from flowkit import FlowSpec, step


class OneStep(FlowSpec):
    @step
    def only(self):
        self.x = 7
        print("only")


if __name__ == "__main__":
    OneStep()
