from flowkit import FlowSpec, catch, step


class CatchInForeach(FlowSpec):
    @step
    def start(self):
        self.items = [2, 0, 1]
        self.next(self.work, foreach="items")

    @catch(var="failure", print_exception=False)
    @step
    def work(self):
        self.result = 1 / self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.results = [getattr(one, "result", None) for one in inputs]
        self.failures = [one.failure is not None for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CatchInForeach()
