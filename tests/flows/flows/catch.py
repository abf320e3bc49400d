from flowkit import FlowSpec, catch, step


class Catch(FlowSpec):
    @catch(var="failure", print_exception=False)
    @step
    def start(self):
        self.before = 1
        self.value = 1 / 0
        self.after = 1
        self.next(self.middle)

    @catch(var="none")
    @step
    def middle(self):
        self.caught = bool(self.failure)
        self.next(self.end)

    @step
    def end(self):
        self.kinds = (self.failure.type, self.failure.exception, self.none)


if __name__ == "__main__":
    Catch()
