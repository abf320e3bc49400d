# $ run --nodes 2
from flowkit import FlowSpec, Parameter, current, parallel, step


class ParallelFromParameter(FlowSpec):
    nodes = Parameter("nodes", default=1)

    @step
    def start(self):
        self.common = "shared"
        self.next(self.train, num_parallel=self.nodes)

    @parallel
    @step
    def train(self):
        self.of_node = f"{self.common} {current.parallel.node_index}"
        self.next(self.join)

    @step
    def join(self, inputs):
        self.of_nodes = sorted(one.of_node for one in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelFromParameter()
