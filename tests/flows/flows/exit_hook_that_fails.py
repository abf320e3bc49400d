from flowkit import FlowSpec, exit_hook, step


def broken():
    raise ValueError("no good")


@exit_hook(on_success=[broken])
class ExitHookThatFails(FlowSpec):
    @step
    def start(self):
        self.x = 1
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ExitHookThatFails()
