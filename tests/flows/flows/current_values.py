from flowkit import FlowSpec, current, step


class CurrentValues(FlowSpec):
    @step
    def start(self):
        self.values = [current.flow_name, current.step_name, current.retry_count, current.origin_run_id]
        self.values += [current.username, current.namespace, current.is_running_flow]
        self.pathspec = current.pathspec == "/".join(
            [current.flow_name, current.run_id, current.step_name, current.task_id]
        )
        self.contains = ["flow_name" in current, "nothing" in current, current.get("nothing", 5)]
        self.graph = sorted(current.graph["steps"])
        self.run_type = type(current.run).__name__
        self.task_path = current.task.pathspec == current.pathspec
        self.next(self.end)

    @step
    def end(self):
        self.own = (self._current_step, self.name, self.script_name)


if __name__ == "__main__":
    CurrentValues()
