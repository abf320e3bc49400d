from flowkit import FlowSpec, catch, step


class CatchWithoutVar(FlowSpec):
    @catch
    @step
    def start(self):
        raise KeyError("lost")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CatchWithoutVar()
