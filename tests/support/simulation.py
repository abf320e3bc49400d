"""Runs a generated flow through the scheduler with no process started, and, by recursion, without the scheduler."""

from __future__ import annotations

import random
from collections import Counter

from flowkit.engine.scheduler import Scheduler
from flowkit.model.artifact import Transition
from flowkit.model.event import AttemptEnded, Begin, Cancel, Finish, Instruction, Retry, ScheduledTask, Submit
from support.graphs import StepPlan


def transition_of(plan: StepPlan, iteration: int) -> Transition | None:
    """Where a task of this step goes: what ``self.next`` would have recorded."""
    if plan.kind == "end":
        return None
    if plan.kind == "foreach":
        return Transition((plan.out[0],), foreach="items", num_splits=plan.number)
    if plan.kind == "switch":
        index = (0 if iteration < plan.number else 1) if plan.is_loop else plan.number % len(plan.out)
        return Transition((plan.out[index],), condition="case")
    return Transition(tuple(plan.out))


class Simulation:
    """Drives a scheduler; tasks end in an order that a seed decides."""

    def __init__(self, steps: dict[str, StepPlan], scheduler: Scheduler, seed: int) -> None:
        self.steps = steps
        self.scheduler = scheduler
        self.random = random.Random(seed)
        self.tasks: dict[str, ScheduledTask] = {}
        self.running: list[str] = []
        self.most_running = 0
        self.finish: Finish | None = None

    def take(self, instructions: list[Instruction]) -> None:
        for instruction in instructions:
            if isinstance(instruction, Submit):
                assert instruction.task.id not in self.tasks, "a task was started twice"
                self.tasks[instruction.task.id] = instruction.task
                self.running.append(instruction.task.id)
                self.most_running = max(self.most_running, len(self.running))
            elif isinstance(instruction, Finish):
                assert self.finish is None, "finished twice"
                assert not self.running, "finished while tasks ran"
                self.finish = instruction
            else:
                assert isinstance(instruction, (Retry, Cancel))

    def run(self) -> None:
        self.take(self.scheduler.handle(Begin()))
        while self.running:
            task_id = self.running.pop(self.random.randrange(len(self.running)))
            task = self.tasks[task_id]
            transition = transition_of(self.steps[task.step], task.iteration)
            self.take(self.scheduler.handle(AttemptEnded(task_id, "succeeded", transition)))

    def trace(self) -> Counter[tuple[str, tuple[str, ...]]]:
        """What ran with which inputs, by names that don't depend on the order."""
        name = {task.id: task.key for task in self.tasks.values()}
        return Counter((name[t.id], tuple(name[i] for i in t.inputs)) for t in self.tasks.values())


def expected(steps: dict[str, StepPlan]) -> Counter[tuple[str, int]]:
    """How often each step runs and with how many inputs, found by walking the flow in the plainest way."""
    counts: Counter[tuple[str, int]] = Counter()

    def walk(name: str, width: int, until: str | None, rounds: dict[str, int]) -> int:
        """Run from ``name`` until the step ``until`` would start; returns how many branches arrive there (one)."""
        while name != until:
            plan = steps[name]
            counts[name, width] += 1
            width = 1
            if plan.kind == "end":
                return 1
            if plan.kind == "switch":
                iteration = rounds.get(name, 0)
                rounds = {**rounds, name: iteration + 1}
                step = transition_of(plan, iteration)
                assert step is not None
                name = step.steps[0]
            elif plan.kind in ("split", "foreach"):
                branches = plan.out * plan.number if plan.kind == "foreach" else plan.out
                width = sum(walk(branch, 1, plan.matching_join, rounds) for branch in branches)
                assert plan.matching_join is not None
                name = plan.matching_join
            else:
                name = plan.out[0]
        return 1

    walk("start", 0, None, {})
    return counts
