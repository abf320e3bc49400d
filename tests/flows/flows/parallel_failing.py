from flowkit import FlowSpec, current, parallel, step


class ParallelFailing(FlowSpec):
    @step
    def start(self):
        self.next(self.train, num_parallel=2)

    @parallel
    @step
    def train(self):
        if current.parallel.node_index == 0:
            raise ValueError("the control task")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelFailing()
