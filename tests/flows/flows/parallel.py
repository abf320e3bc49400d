from flowkit import FlowSpec, current, parallel, step


class Parallel(FlowSpec):
    @step
    def start(self):
        self.next(self.train, num_parallel=3)

    @parallel
    @step
    def train(self):
        self.node = (current.parallel.node_index, current.parallel.num_nodes, self.input)
        self.main_ip = current.parallel.main_ip
        self.has_control = bool(current.parallel.control_task_id)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.nodes = sorted(one.node for one in inputs)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Parallel()
