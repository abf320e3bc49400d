# $ run
# $ run --number 5 --ratio 2 --flag False --text=x --data '{"a": [1, null]}' --names a,b --required_one here
# $ FLOWKIT_RUN_NUMBER=9 run --required_one env
# $ run --number five --required_one x
# $ run --unknown 1 --required_one x
# $ run --required_one x --dashed-name 4
from flowkit import FlowSpec, JSONType, Parameter, current, step


class Parameters(FlowSpec):
    number = Parameter("number", default=1, help="a number")
    ratio = Parameter("ratio", default=0.5)
    flag = Parameter("flag", default=True)
    text = Parameter("text", default="t")
    data = Parameter("data", type=JSONType, default='{"k": 1}')
    names = Parameter("names", default="a", separator=",")
    required = Parameter("required_one", required=True)
    typed = Parameter("typed", type=int)
    other = Parameter("dashed-name", default=0)

    @step
    def start(self):
        self.all = [self.number, self.ratio, self.flag, self.text, self.data, self.names, self.required, self.typed]
        self.names_of_parameters = sorted(current.parameter_names)
        self.next(self.end)

    @step
    def end(self):
        print(self.all, self.other)


if __name__ == "__main__":
    Parameters()
