# $ run
# $ FAIL=1 run
# $ run
import os

from flowkit import FlowSpec, exit_hook, step


def succeeded(run):
    with open("hooks.txt", "a") as file:
        file.write(f"succeeded {run.successful}\n")


def failed():
    with open("hooks.txt", "a") as file:
        file.write("failed\n")


@exit_hook(on_success=[succeeded], on_error=[failed])
class ExitHooks(FlowSpec):
    @step
    def start(self):
        self.seen = open("hooks.txt").read() if os.path.exists("hooks.txt") else ""
        if "FAIL" in os.environ:
            raise ValueError("asked to")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ExitHooks()
