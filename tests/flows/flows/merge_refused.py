from flowkit import FlowSpec, step


class MergeRefused(FlowSpec):
    @step
    def start(self):
        self.common = 0
        self.next(self.a, self.b)

    @step
    def a(self):
        self.x = "a"
        self.y = "a"
        self.next(self.join)

    @step
    def b(self):
        self.x = "b"
        self.y = "b"
        self.next(self.join)

    @step
    def join(self, inputs):
        self.errors = []
        for arguments in (
            {},
            {"exclude": ["x"]},
            {"include": ["common", "nowhere"]},
            {"include": ["x"]},
            {"include": ["common"], "exclude": ["x"]},
        ):
            try:
                self.merge_artifacts(inputs, **arguments)
            except Exception as error:
                self.errors.append((type(error).__name__, sorted(getattr(error, "artifact_names", []))))
            self.errors.append(sorted(name for name in ("x", "y", "common") if hasattr(self, name)))
        self.next(self.end)

    @step
    def end(self):
        self.errors_here = None
        try:
            self.merge_artifacts([self])
        except Exception as error:
            self.errors_here = type(error).__name__


if __name__ == "__main__":
    MergeRefused()
