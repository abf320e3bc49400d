# $ run
# $ run --title given
from flowkit import FlowSpec, JSONType, Parameter, step


def name(context):
    return f"{context.flow_name} {context.user_name} {context.parameter_name}"


class ParameterFunctions(FlowSpec):
    title = Parameter("title", default=name, type=str)
    count = Parameter("count", default=lambda context: 3, type=int)
    data = Parameter("data", default=lambda context: '{"a": 1}', type=JSONType)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print(self.title, self.count, self.data)


if __name__ == "__main__":
    ParameterFunctions()
