from flowkit import FlowSpec, Parameter, step


def broken(context):
    raise ValueError("no default")


class ParameterFunctionFails(FlowSpec):
    title = Parameter("title", default=broken, type=str)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParameterFunctionFails()
