from flowkit import FlowSpec, schedule, step


@schedule(cron="0 6 * * *", timezone="Europe/Berlin")
class Schedule(FlowSpec):
    @step
    def start(self):
        self.x = 1
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Schedule()
