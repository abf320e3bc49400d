from flowkit import FlowSpec, parallel_imap_unordered, parallel_map, step


class ParallelMap(FlowSpec):
    @step
    def start(self):
        self.factor = 3
        self.results = parallel_map(lambda number: number * self.factor, range(5), max_parallel=2)
        self.unordered = sorted(parallel_imap_unordered(lambda number: number * self.factor, range(5)))
        changed = []
        parallel_map(changed.append, [1, 2])
        self.changed = changed
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelMap()
