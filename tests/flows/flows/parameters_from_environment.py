# $ FLOWKIT_RUN_ALPHA=7 run
# $ FLOWKIT_RUN_ALPHA=7 run --alpha 8
# $ FLOWKIT_RUN_TAG=fromenv run
import os

from flowkit import FlowSpec, Parameter, step

os.environ["FLOWKIT_RUN_BETA"] = "set in the file"


class ParametersFromEnvironment(FlowSpec):
    alpha = Parameter("alpha", default=1)
    beta = Parameter("beta", default="default")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print(self.alpha, self.beta)


if __name__ == "__main__":
    ParametersFromEnvironment()
