from flowkit import FlowSpec, retry, step


class GraphInfo(FlowSpec):
    """What the flow does."""

    @step
    def start(self):
        """Begin."""
        self.items = [1]
        self.next(self.work, foreach="items")

    @retry(times=1)
    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        kept = ("type", "next", "foreach_artifact", "split_parents", "matching_join", "doc", "is_inside_foreach")
        self.steps = {
            name: {key: value[key] for key in kept if key in value}
            for name, value in sorted(self._graph_info["steps"].items())
        }
        self.doc = self._graph_info["doc"]
        self.nodes = [(node.name, node.type, sorted(node.in_funcs), node.out_funcs) for node in self._graph]
        self.functions = [function.__name__ for function in self]


if __name__ == "__main__":
    GraphInfo()
