from flowkit import FlowSpec, step


class PrivateAttributes(FlowSpec):
    @step
    def start(self):
        self._hidden = 1
        self.__mangled = 2
        self.next(self.middle)

    @step
    def middle(self):
        self._hidden += 1
        self.mangled = self.__mangled
        self.next(self.end)

    @step
    def end(self):
        self._seen = self._hidden


if __name__ == "__main__":
    PrivateAttributes()
