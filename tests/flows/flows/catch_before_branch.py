from flowkit import FlowSpec, catch, step


class CatchBeforeBranch(FlowSpec):
    @catch(var="failure", print_exception=False)
    @step
    def start(self):
        raise ValueError("before the branches")
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.type = inputs.a.failure.type
        self.next(self.end)

    @catch(var="last", print_exception=False)
    @step
    def end(self):
        raise ValueError("at the end")


if __name__ == "__main__":
    CatchBeforeBranch()
