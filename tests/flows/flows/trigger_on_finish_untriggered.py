from flowkit import FlowSpec, current, step, trigger_on_finish


@trigger_on_finish(flow="Upstream")
class TriggerOnFinishUntriggered(FlowSpec):
    @step
    def start(self):
        self.started_by = getattr(current, "trigger", None)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TriggerOnFinishUntriggered()
