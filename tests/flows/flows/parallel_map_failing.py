from flowkit import FlowSpec, parallel_map, step


class ParallelMapFailing(FlowSpec):
    @step
    def start(self):
        def fail(number):
            return 1 / number

        try:
            parallel_map(fail, [1, 0])
        except Exception:
            self.failed = True
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelMapFailing()
